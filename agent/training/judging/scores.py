"""Precision, recall and F1 from counts, one entry a class or label; averages as scikit-learn defines them.

What divides by zero is null by itself and counts as 0 in an average, as scikit-learn's `zero_division=0` has it. F1 is
2 right / (predicted + support), so it is 0, and defined, where a class was present and nobody predicted it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.documents.types import Message


class Scores(Message, frozen=True, kw_only=True):
    """Null: nothing predicted (precision), nothing present (recall), neither (F1)."""

    precision: float | None
    recall: float | None
    f1: float | None


class LabelScores(Scores, frozen=True, kw_only=True):
    """`support`: records that are of this class; `predicted`: records said to be."""

    support: int
    predicted: int


class Averages(Message, frozen=True, kw_only=True):
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """`right` of `predicted` and of `support`: int64, one entry a class or label."""

    right: NDArray[np.int64]
    predicted: NDArray[np.int64]
    support: NDArray[np.int64]


def by_label(counts: Counts) -> tuple[LabelScores, ...]:
    rows = zip(counts.right.tolist(), counts.predicted.tolist(), counts.support.tolist(), strict=True)
    return tuple(
        LabelScores(
            precision=_ratio(right, predicted),
            recall=_ratio(right, support),
            f1=_ratio(2 * right, predicted + support),
            support=support,
            predicted=predicted,
        )
        for right, predicted, support in rows
    )


def macro(counts: Counts) -> Averages:
    """Every entry weighs the same."""
    return _average(counts, np.ones(len(counts.support), np.float64))


def weighted(counts: Counts) -> Averages:
    """Every entry weighs its support."""
    return _average(counts, counts.support.astype(np.float64))


def micro(counts: Counts) -> Scores:
    """All entries thrown together."""
    right, predicted, support = (int(part.sum()) for part in (counts.right, counts.predicted, counts.support))
    return Scores(
        precision=_ratio(right, predicted), recall=_ratio(right, support), f1=_ratio(2 * right, predicted + support)
    )


def _average(counts: Counts, weights: NDArray[np.float64]) -> Averages:
    return Averages(
        precision=_mean(counts.right, counts.predicted, weights),
        recall=_mean(counts.right, counts.support, weights),
        f1=_mean(2 * counts.right, counts.predicted + counts.support, weights),
    )


def _mean(parts: NDArray[np.int64], wholes: NDArray[np.int64], weights: NDArray[np.float64]) -> float:
    ratios = np.divide(parts, wholes, out=np.zeros(len(parts)), where=wholes > 0)
    return float(ratios @ weights / weights.sum())


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
