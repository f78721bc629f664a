"""A user's `augment(inputs, rng)`: what it makes of the inputs of one batch is as many of the same kind.

Numpy in, numpy out, in training alone. What it draws from `rng` depends on the run's seed, the epoch and the step, so a
run that goes on after a crash sees what it would have seen.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.networks.places import line_of, place, said
from agent.training.reading.permutation import derived_seed
from shared.errors import FoglineError, ModelError

FUNCTION = "augment"
Augment = Callable[[NDArray[Any], np.random.Generator], NDArray[Any]]


def generator(seed: int, epoch: int, step: int) -> np.random.Generator:
    """The same for the same step of the same run, whichever process does it; neighbours have nothing in common."""
    return np.random.default_rng(derived_seed(derived_seed(seed, "augmentation of epoch", epoch), "step", step))


def augmentation(file: Path) -> Augment | None:
    """Of a network's file that was loaded in this process; None where it defines none. Raises ModelError."""
    module = next((one for one in list(sys.modules.values()) if getattr(one, "__file__", None) == str(file)), None)
    function = getattr(module, FUNCTION, None)
    if function is None:
        return None
    if not callable(function):
        raise ModelError(f"{file}:1: {FUNCTION} is no function: define {FUNCTION}(inputs, rng)")
    return _checked(function, file)


def _checked(function: Callable[..., object], file: Path) -> Augment:
    where = f"{file}:{line_of(function)}: {FUNCTION}(inputs, rng)"

    def augment(inputs: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
        shape, kind = inputs.shape, inputs.dtype
        try:
            found = function(inputs, rng)
        except FoglineError:
            raise
        except (Exception, SystemExit) as error:
            at = place(file, error, otherwise=line_of(function))
            raise ModelError(f"{at}: {FUNCTION}(inputs, rng) fails: {said(error)}") from error
        if not isinstance(found, np.ndarray):
            raise ModelError(
                f"{where} returns {type(found).__name__}: return an array of numpy, inputs as they are to be"
            )
        if found.shape != shape or found.dtype != kind:
            raise ModelError(
                f"{where} returns {found.dtype} {list(found.shape)} of {kind} {list(shape)}: "
                "return as many of the same shape and type"
            )
        return found

    return augment
