"""A figure of a cell as a function of how often each of its repetitions counts.

Everything else follows from that: counted once each, it is the figure; one alone, that repetition's; as often as the
bootstrap draws them, the figure's spread; those of one run or of another, the permutation test.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Whole numbers; as floats they need not be converted before each product of matrices.
Weights = NDArray[np.int64] | NDArray[np.float64]


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
        above, below = (weights @ np.column_stack([self.above, self.below])).T
        found: Floats = np.divide(above, below, out=np.full(len(weights), np.nan), where=below != 0)
        return found

    def beside(self, other: "Ratio") -> "Ratio":
        return Ratio(np.concatenate([self.above, other.above]), np.concatenate([self.below, other.below]))


class Samples(tuple[Floats, ...]):
    """Sorted, an array a repetition; what all quantiles of them need is reckoned once."""

    @cached_property
    def pooled(self) -> "Pool":
        return Pool.of(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """All samples in one order, in blocks: `before[i]` counts, by repetition, those in the blocks before block i.

    Whole blocks are weighed by one product of matrices, single samples only in the block where a rank lies.
    """

    values: Floats
    repetition: NDArray[np.int64]
    block: int
    before: Floats

    @classmethod
    def of(cls, samples: Sequence[Floats]) -> "Pool":
        values = np.concatenate(samples)
        repetition = np.repeat(np.arange(len(samples)), [len(one) for one in samples])
        order = np.argsort(values, kind="stable")
        block = max(1, math.isqrt(len(values)))
        blocks = -(-len(values) // block)
        places = np.arange(len(values)) // block * len(samples) + repetition[order]
        counts = np.bincount(places, minlength=blocks * len(samples)).reshape(blocks, len(samples))
        before = np.vstack([np.zeros(len(samples)), counts.cumsum(axis=0)])
        return cls(values=values[order], repetition=repetition[order], block=block, before=before)

    def at_rank(self, weights: Weights, ranks: Floats) -> Floats:
        """The sample that has a rank from 1 to the sum of its weights, `[n]`."""
        upto = weights.astype(np.float64, copy=False) @ self.before.T
        block = np.clip((upto < ranks[:, None]).sum(axis=1) - 1, 0, len(self.before) - 2)
        left = ranks - np.take_along_axis(upto, block[:, None], axis=1)[:, 0]
        within = block[:, None] * self.block + np.arange(self.block)
        there = np.minimum(within, len(self.values) - 1)
        counts = np.where(within == there, np.take_along_axis(weights, self.repetition[there], axis=1), 0)
        reached = counts.cumsum(axis=1) >= left[:, None]
        found: Floats = self.values[there[np.arange(len(weights)), reached.argmax(axis=1)]]
        return found


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
        if not totals.any():
            return np.full(len(weights), np.nan)
        ranks = np.maximum(1, np.ceil(self.share * totals - 1e-9))
        samples = self.samples if isinstance(self.samples, Samples) else Samples(self.samples)
        return np.where(totals > 0, samples.pooled.at_rank(weights, ranks), np.nan)

    def beside(self, other: "Quantile") -> "Quantile":
        return Quantile(Samples([*self.samples, *other.samples]), self.share)
