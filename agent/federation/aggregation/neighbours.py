"""Which changes are near to which, and what is left of each among its nearest. Pure.

Allouah, Farhadkhani, Guerraoui, Gupta, Pinot and Stephan, Fixing by Mixing: A Recipe for Optimal Byzantine ML under
Heterogeneity, AISTATS 2023 (arXiv 2302.01772), algorithm 2.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Change = Mapping[str, NDArray[np.float32]]


def squared_distances(changes: Sequence[Change]) -> NDArray[np.float64]:
    """Of each to each, (n, n)."""
    return np.array([[_squared_distance(one, other) for other in changes] for one in changes])


def mixed(changes: Sequence[Change], left_out: int) -> list[dict[str, NDArray[np.float32]]]:
    """Each becomes the mean of itself and its nearest others, all but so many. Of equally near ones the first count."""
    distances = squared_distances(changes)
    np.fill_diagonal(distances, -1.0)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, : max(1, len(changes) - left_out)]
    means = (mean([changes[place] for place in sorted(row)]) for row in nearest)
    return [{name: one.astype(np.float32) for name, one in each.items()} for each in means]


def mean(changes: Sequence[Change]) -> dict[str, NDArray[np.float64]]:
    """Each counts the same."""
    return {name: np.asarray(np.mean([one[name] for one in changes], axis=0, dtype=np.float64)) for name in changes[0]}


def _squared_distance(one: Change, other: Change) -> float:
    return float(sum(np.square(np.subtract(one[name], other[name], dtype=np.float64)).sum() for name in one))
