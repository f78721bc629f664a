"""A fixed fine grid of confidences, so that bins of equal mass can be made without keeping every record.

Networks are often surer than 0.999 of nearly everything, so cells are as fine as the distance to 0 or 1: 256 to each
halving of it, down to 2^-24, which is as near as float32 comes to 1.
"""

import numpy as np
from numpy.typing import NDArray

_HALVINGS = 23
_STEPS = 256
_SIDE = _HALVINGS * _STEPS + 1
CELLS = 2 * _SIDE


def cells(confidence: NDArray[np.float64]) -> NDArray[np.int64]:
    """`[n]` from 0 to 1 to cells from 0 to `CELLS` - 1; a greater confidence never has a lower cell."""
    low = confidence <= 0.5
    distance = np.maximum(np.where(low, confidence, 1 - confidence), 2.0 ** -(_HALVINGS + 1))
    mantissa, exponent = np.frexp(distance)
    steps = (exponent.astype(np.int64) + _HALVINGS) * _STEPS + ((mantissa - 0.5) * 2 * _STEPS).astype(np.int64)
    return np.where(low, steps, CELLS - 1 - steps)


def equal_mass(records: NDArray[np.int64], bins: int) -> NDArray[np.int64]:
    """The bin of each cell, in order: the one that the middle of its records falls in if all stand in one row."""
    twice_the_middle = 2 * np.cumsum(records) - records
    places: NDArray[np.int64] = twice_the_middle * bins // (2 * records.sum())
    return np.minimum(places, bins - 1)
