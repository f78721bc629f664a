"""Times at which something stands still. Working time passes only outside of them."""

from bisect import bisect_right
from collections.abc import Iterable

import numpy as np

from simulations.model.nanoseconds import NEVER, Times


class Outages:
    """Intervals `[begin, end)` in nanoseconds; overlapping ones are one.

    What is served only while there is no outage is served without a pause on a clock that stops meanwhile: `working`
    reads that clock, `wall` is its inverse. Work that would end as an outage begins ends before it.
    """

    def __init__(self, intervals: Iterable[tuple[int, int]] = ()) -> None:
        self._intervals = _merged(intervals)
        lengths = np.array([end - begin for begin, end in self._intervals], dtype=np.int64)
        self._begins = np.array([begin for begin, _ in self._intervals], dtype=np.int64)
        self._before = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
        self._lengths = lengths
        # On the working clock each outage is one point.
        self._points = self._begins - self._before

    def __bool__(self) -> bool:
        return bool(self._intervals)

    def working(self, times: Times) -> Times:
        if not self:
            return times
        index = np.searchsorted(self._begins, times, side="right") - 1
        known = np.maximum(index, 0)
        lost = self._before[known] + np.minimum(times - self._begins[known], self._lengths[known])
        return np.where(index < 0, times, times - lost)

    def wall(self, times: Times) -> Times:
        if not self:
            return times
        index = np.searchsorted(self._points, times, side="left") - 1
        known = np.maximum(index, 0)
        return np.where(index < 0, times, times + self._before[known] + self._lengths[known])

    def done(self, begin_ns: int, work_ns: int) -> int:
        """When work begun then is done."""
        if not self._intervals:
            return begin_ns + work_ns
        begun = self.working(np.array([self.over(begin_ns)]))
        return int(self.wall(begun + max(work_ns, 1))[0])

    def over(self, moment_ns: int) -> int:
        """The first moment from this one on without an outage."""
        index = bisect_right(self._intervals, (moment_ns, NEVER)) - 1
        if index >= 0 and moment_ns < self._intervals[index][1]:
            return self._intervals[index][1]
        return moment_ns


def _merged(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(one for one in intervals if one[0] < one[1]):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((begin, end))
    return merged


NONE = Outages()
