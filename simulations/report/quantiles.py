"""A distribution as a curve of few points: its quantiles, dense in the tail. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulations.report.content import Distribution

BODY_POINTS, TAIL_POINTS = 200, 150
SURE_BEYOND = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """`values[i]` is what the share `shares[i]` of all records does not exceed. `low` and `high`: the least and the
    greatest of the repetitions, NaN where a repetition is too small to say. Up to `sure`, ten records lie beyond."""

    shares: NDArray[np.float64]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    sure: float


def curve(found: Distribution) -> Curve:
    """All repetitions together. Raises ValueError without values, or with one that is not a number."""
    together = np.concatenate([np.empty(0), *found.repetitions])
    if together.size == 0 or np.isnan(together).any():
        raise ValueError(f"{found.label}: a distribution needs values, and numbers only")
    shares = grid(together.size)
    each = np.vstack([_within(one, shares) for one in found.repetitions if one.size])
    return Curve(
        shares=shares,
        values=_quantiles(together, shares),
        low=each.min(axis=0),
        high=each.max(axis=0),
        sure=max(0.0, 1 - SURE_BEYOND / together.size),
    )


def grid(records: int) -> NDArray[np.float64]:
    """Shares from 0 to the last that `records` values can tell, evenly and again evenly in nines."""
    last = 1 - 1 / records
    tail = 1 - np.logspace(-1, -max(1.0, np.log10(records)), TAIL_POINTS)
    both = np.concatenate([np.linspace(0, 1, BODY_POINTS), tail])
    return np.unique(both[both <= last])


def _quantiles(values: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values that were really seen, never one between two."""
    return np.quantile(values, shares, method="inverted_cdf")


def _within(values: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(shares <= 1 - 1 / values.size, _quantiles(values, shares), np.nan)
