"""A network's weights, or what an update changes of them: arrays by name, and what two of them must have in common."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import FoglineError

Weights = Mapping[str, NDArray[np.float32]]


class UnlikeError(FoglineError):
    """Weights are not those of this network, or hold what is no number."""


def require_like(given: Mapping[str, NDArray[Any]], model: Weights) -> Weights:
    """`given`, when it can be added to the model. Raises UnlikeError with the tensor's name and the remedy's half."""
    for missing in sorted(model.keys() - given.keys()):
        raise UnlikeError(f"tensor {missing!r} is missing: it is of another network")
    for name in sorted(given):
        if name not in model:
            raise UnlikeError(f"tensor {name!r} is not in the model: it is of another network")
        _require_like(name, given[name], model[name])
    return given


def _require_like(name: str, given: NDArray[Any], model: NDArray[np.float32]) -> None:
    if given.dtype != np.float32:
        raise UnlikeError(f"tensor {name!r} is {given.dtype}, not float32")
    if given.shape != model.shape:
        raise UnlikeError(f"tensor {name!r} has shape {list(given.shape)}, not {list(model.shape)}")
    if unsound := given.size - int(np.isfinite(given).sum()):
        raise UnlikeError(f"tensor {name!r} holds NaN or infinities, {unsound} of {given.size} elements")


def norm(weights: Weights) -> float:
    """The Euclidean length of all tensors laid end to end, in double precision."""
    return float(np.sqrt(sum(float(np.square(one, dtype=np.float64).sum()) for _, one in sorted(weights.items()))))
