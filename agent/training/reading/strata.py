"""Which part each record goes to: drawn within its class, known once the classes are counted."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.reading.permutation import Permutation, derived_seed
from shared.errors import DocumentError


def strata_of(labels: NDArray[Any], classes: int, first_row: int) -> NDArray[np.intp]:
    """The classes, shape `[n]`, that a block of labels names: one whole number a record, of whatever type.

    Raises DocumentError, with the first label and row that is wrong, for a label that is none of 0 to `classes` - 1.
    """
    if labels.size != len(labels):
        raise DocumentError(f"of shape {list(labels.shape[1:])}: a class is one number", field="labels")
    flat = labels.reshape(-1)
    wrong = ~((flat >= 0) & (flat < classes))
    if flat.dtype.kind == "f":
        wrong |= flat != np.floor(flat)
    if wrong.any():
        row = int(wrong.argmax())
        raise DocumentError(
            f"label {flat[row].item()} of row {first_row + row}: the classes are 0 to {classes - 1}", field="labels"
        )
    return flat.astype(np.intp)


class Draw:
    """Goes through all records once, block by block, in the order of their rows.

    `sizes`: how many of each stratum go to each part, shape `[strata, parts]`. Exactly those do.
    """

    def __init__(self, sizes: NDArray[np.int64], seed: int) -> None:
        totals = sizes.sum(axis=1).tolist()
        self._borders = sizes.cumsum(axis=1)[:, :-1]
        self._seen = [0] * len(totals)
        self._orders = [
            Permutation(total, derived_seed(seed, "stratum", number)) for number, total in enumerate(totals)
        ]

    def parts(self, strata: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The part of each record of the next block, whose strata these are."""
        parts = np.empty(len(strata), np.uint8)
        for stratum, places in _by_stratum(strata):
            first = self._seen[stratum]
            self._seen[stratum] += len(places)
            ranks = self._orders[stratum][np.arange(first, first + len(places))]
            parts[places] = np.searchsorted(self._borders[stratum], ranks, side="right")
        return parts


def _by_stratum(strata: NDArray[np.intp]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    order = np.argsort(strata, kind="stable")
    borders = np.flatnonzero(np.diff(strata[order])) + 1
    for start, stop in pairwise([0, *borders.tolist(), len(order)]):
        if start < stop:
            yield int(strata[order[start]]), order[start:stop]
