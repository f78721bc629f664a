"""A figure of a cell as a function of how often each of its repetitions counts.

Everything else follows from that: counted once each, it is the figure; one alone, that repetition's; as often as the
bootstrap draws them, the figure's spread; those of one run or of another, the permutation test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Weights = NDArray[np.int64]


class Estimator(Protocol):
    @property
    def repetitions(self) -> int: ...

    def at(self, weights: Weights) -> Floats:
        """`weights`: `[n, repetitions]`, how often each counts. Returns `[n]`, NaN where nothing was counted."""
        ...

    def beside(self, other: Any) -> "Estimator":  # noqa: ANN401 - Self would forbid what mypy cannot see
        """The same over the repetitions of both; `other` is of the same kind."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A sum over repetitions divided by another one: means, shares, rates."""

    above: Floats
    below: Floats

    @property
    def repetitions(self) -> int:
        return len(self.above)

    def at(self, weights: Weights) -> Floats:
        above, below = weights @ self.above, weights @ self.below
        found: Floats = np.divide(above, below, out=np.full(len(weights), np.nan), where=below != 0)
        return found

    def beside(self, other: "Ratio") -> "Ratio":
        return Ratio(np.concatenate([self.above, other.above]), np.concatenate([self.below, other.below]))


@dataclass(frozen=True, slots=True, eq=False)
class Quantile:
    """The least sample that at least `share` of all do not exceed: a value that was really seen.

    `samples` are sorted, an array a repetition. An infinite one is slower than all others.
    """

    samples: Sequence[Floats]
    share: float

    @property
    def repetitions(self) -> int:
        return len(self.samples)

    def at(self, weights: Weights) -> Floats:
        totals = weights @ np.array([len(one) for one in self.samples], dtype=np.int64)
        ranks = np.maximum(1, np.ceil(self.share * totals - 1e-9))
        values = np.unique(np.concatenate(self.samples))
        if not len(values):
            return np.full(len(weights), np.nan)
        found = values[self._first_at_rank(values, weights, ranks)]
        return np.where(totals > 0, found, np.nan)

    def _first_at_rank(self, values: Floats, weights: Weights, ranks: Floats) -> NDArray[np.int64]:
        """Bisection for all weights at once; samples are never copied as often as they count."""
        low = np.zeros(len(weights), dtype=np.int64)
        high = np.full(len(weights), len(values) - 1, dtype=np.int64)
        while (low < high).any():
            middle = (low + high) // 2
            reached = self._up_to(values[middle], weights) >= ranks
            low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
            low = np.minimum(low, high)
        return low

    def _up_to(self, values: Floats, weights: Weights) -> NDArray[np.int64]:
        total = np.zeros(len(values), dtype=np.int64)
        for column, samples in enumerate(self.samples):
            total += weights[:, column] * np.searchsorted(samples, values, side="right")
        return total

    def beside(self, other: "Quantile") -> "Quantile":
        return Quantile([*self.samples, *other.samples], self.share)
