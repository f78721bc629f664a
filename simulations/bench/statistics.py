"""The arithmetic of the bench: medians, spreads, percentiles, rates, the serial limit. Pure."""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import msgspec


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """`low` and `high` are the least and the greatest sample."""

    median: float
    low: float
    high: float


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """At `at_s`, a reading of a monotonic clock in seconds, `records` were done."""

    at_s: float
    records: int


def spread(samples: Sequence[float]) -> Spread:
    """Raises ValueError when there are none."""
    if not samples:
        raise ValueError("no samples")
    return Spread(median=median(samples), low=min(samples), high=max(samples))


def percentile(samples: Sequence[float], share: float) -> float:
    """The least sample that at least `share` (0 to 1) of them do not exceed: a value that was really seen."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def serial_limit(*rates: float) -> float:
    """The rate of steps that are done one after the other, each as fast as alone: 1 / (1/a + 1/b + ...)."""
    return 1.0 / sum(1.0 / rate for rate in rates)


def rate(progress: Sequence[Progress]) -> float:
    """Records a second between the first and the last change; what was done at the first is not counted."""
    steps = pairwise([Progress(0.0, 0), *progress])
    changes = [now for before, now in steps if now.records > before.records]
    if len(changes) < 2:
        raise ValueError("a rate needs two moments at which something was done")
    first, last = changes[0], changes[-1]
    return (last.records - first.records) / (last.at_s - first.at_s)


def records_at(progress: Sequence[Progress], at_s: float) -> float:
    """How many were done at a moment, between two readings in proportion. Outside of them, the nearest one's."""
    for before, now in pairwise(progress):
        if before.at_s <= at_s <= now.at_s:
            share = (at_s - before.at_s) / (now.at_s - before.at_s)
            return before.records + share * (now.records - before.records)
    return float(progress[0].records if at_s < progress[0].at_s else progress[-1].records)


def rate_between(progress: Sequence[Progress], begin_s: float, end_s: float) -> float:
    return (records_at(progress, end_s) - records_at(progress, begin_s)) / (end_s - begin_s)
