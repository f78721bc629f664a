"""The state of every generator a module may draw from without being asked which, as arrays."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.networks.torch_library import library

Arrays = dict[str, NDArray[Any]]


def states() -> Arrays:
    """PyTorch's, on each device that has drawn, Python's and numpy's: users write `if random.random() < 0.5:`."""
    torch = library()
    found = {"torch": torch.get_rng_state().numpy().copy()}
    if torch.cuda.is_available():
        found["cuda"] = torch.cuda.get_rng_state().numpy().copy()
    _, words, gauss = random.getstate()
    found["python"] = np.array(words, np.uint32)
    found["python gauss"] = _number(gauss)
    _, keys, position, has_gauss, number = np.random.get_state()
    found["numpy"] = np.array(keys)
    found["numpy place"] = np.array([position, has_gauss])
    found["numpy gauss"] = np.array(number)
    return found


def restore(states: Mapping[str, NDArray[Any]]) -> None:
    """Raises what the generators raise of a state that is none."""
    torch = library()
    torch.set_rng_state(torch.from_numpy(np.array(states["torch"])))
    if torch.cuda.is_available() and "cuda" in states:
        torch.cuda.set_rng_state(torch.from_numpy(np.array(states["cuda"])))
    gauss = states["python gauss"]
    random.setstate((3, tuple(map(int, states["python"])), float(gauss[0]) if len(gauss) else None))
    position, has_gauss = map(int, states["numpy place"])
    np.random.set_state(("MT19937", states["numpy"], position, has_gauss, float(states["numpy gauss"])))


def _number(number: float | None) -> NDArray[np.float64]:
    return np.array([] if number is None else [number], np.float64)
