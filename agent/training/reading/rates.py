"""How many records of each class train, validate and test."""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.documents import Rates

# A share that is whole but for the last bits of a float is whole.
_DECIMALS = 6


class Part(StrEnum):
    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"


PARTS = tuple(Part)
"""In the order of `Rates.shares`."""


def apportion(counts: NDArray[np.integer[Any]], rates: Rates) -> NDArray[np.int64]:
    """Shape `[classes, 3]`, each row the records of that class (`counts`, shape `[classes]`) by PARTS.

    Every number is the exact share rounded down or up. Who is rounded up is the part that got least of its shares so
    far, so that the totals of many small classes come out as well; but training before all where it would have none.
    """
    sizes = np.zeros((len(counts), len(PARTS)), np.int64)
    owed = np.zeros(len(PARTS))
    for row, count in enumerate(counts.tolist()):
        exact = np.round(np.multiply(rates.shares, count), _DECIMALS)
        sizes[row] = np.floor(exact)
        owed += exact - sizes[row]
        for part in _rounded_up(exact, owed, count - int(sizes[row].sum())):
            sizes[row, part] += 1
            owed[part] -= 1
    return sizes


def _rounded_up(exact: NDArray[np.float64], owed: NDArray[np.float64], left: int) -> list[int]:
    """Which parts get one of the `left` records more: none whose share is whole."""
    untrained = np.array([0 < exact[0] < 1, False, False])
    urgency = np.where(exact > np.floor(exact), np.where(untrained, np.inf, owed), -np.inf)
    return [int(part) for part in np.argsort(-urgency, kind="stable")[:left]]
