"""One direction of one link: a queue at its bandwidth, then a delay. All connections share the queue."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulations.model.nanoseconds import Times
from simulations.model.outages import NONE, Outages
from simulations.model.queues import departures
from simulations.model.weather import Weather

# So many delays and chances are drawn in one call: one by one they would cost more than all the rest.
_DRAWN_AT_ONCE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings:
    """`bytes_per_s` may be infinite. `factors`, ascending: from this moment on the latency is so many times itself."""

    link: str
    weather: Weather
    bytes_per_s: float = float("inf")
    outages: Outages = NONE
    factors: tuple[tuple[int, float], ...] = ()


class Line:
    """Bytes, messages and stalls are counted. Moments must ascend from call to call, of either kind.

    Headers, slow start and congestion control are left out, as the shaper of the real runs leaves them out.
    """

    def __init__(self, settings: LineSettings, random: Generator) -> None:
        self.settings = settings
        self.bytes = 0
        self.messages = 0
        self.stalls = 0
        self._random = random
        self._free_ns = 0
        self._drawn: list[int] = []
        self._chances: list[float] = []
        self._ns_per_byte = 1e9 / settings.bytes_per_s
        self._is_cut_ever = bool(settings.outages)
        self._latency_ns = round(settings.weather.latency_s * 1e9)

    def send(self, at_ns: int, size: int) -> int:
        """When a message that is handed over then has arrived."""
        self.messages += 1
        self.bytes += size
        begin = at_ns if at_ns > self._free_ns else self._free_ns
        work = round(size * self._ns_per_byte) or 1
        self._free_ns = self.settings.outages.done(begin, work) if self._is_cut_ever else begin + work
        if not self._drawn:
            self._drawn = self.settings.weather.delays(self._random, _DRAWN_AT_ONCE).tolist()
        delay = self._drawn.pop()
        if self.settings.factors:
            delay = round(delay * self._factor(at_ns))
        if self.settings.weather.loss:
            delay += self._stall(size)
        return self._free_ns + delay

    def send_all(self, at_ns: Times, sizes: NDArray[np.int64]) -> Times:
        """The same for many; the order of the arrivals is that of `at_ns`, and jitter may make them overtake."""
        if not len(at_ns):
            return at_ns
        self.messages += len(at_ns)
        self.bytes += int(sizes.sum())
        outages = self.settings.outages
        work = np.maximum(np.rint(sizes * self._ns_per_byte), 1).astype(np.int64)
        busy_until = outages.working(np.array([self._free_ns]))[0]
        left = outages.wall(departures(outages.working(at_ns), work, free_from=int(busy_until)))
        self._free_ns = int(left[-1])
        delays = self.settings.weather.delays(self._random, len(at_ns))
        if self.settings.factors:
            delays = np.rint(delays * np.array([self._factor(moment) for moment in at_ns])).astype(np.int64)
        if self.settings.weather.loss:
            delays = delays + self._stalls(sizes)
        return np.asarray(left + delays, dtype=np.int64)

    def acknowledged_after(self, at_ns: int) -> int:
        """The delay of something too small to queue: an acknowledgement."""
        if self._is_cut_ever or self.settings.factors:
            delay = self.settings.weather.latency_s * 1e9
            return self.settings.outages.over(at_ns) + round(delay * self._factor(at_ns))
        return at_ns + self._latency_ns

    def all_acknowledged_after(self, at_ns: Times) -> Times:
        """The same for many, in any order."""
        outages, factors = self.settings.outages, self.settings.factors
        delays = np.full(len(at_ns), self.settings.weather.latency_s * 1e9)
        if factors:
            moments = np.array([moment for moment, _ in factors])
            known = np.array([1.0, *(factor for _, factor in factors)])
            delays *= known[np.searchsorted(moments, at_ns, side="right")]
        over = np.array([outages.over(moment) for moment in at_ns]) if outages else at_ns
        return np.asarray(over + np.rint(delays).astype(np.int64), dtype=np.int64)

    def _stall(self, size: int) -> int:
        """One number drawn before tells of most messages that they are not lost."""
        if not self._chances:
            self._chances = self._random.random(_DRAWN_AT_ONCE).tolist()
        if self._chances.pop() >= self.settings.weather.loses(size):
            return 0
        self.stalls += 1
        return self.settings.weather.stall(self._random, size)

    def _stalls(self, sizes: NDArray[np.int64]) -> Times:
        stalls = self.settings.weather.stalls(self._random, sizes)
        self.stalls += int(np.count_nonzero(stalls))
        return stalls

    def _factor(self, at_ns: int) -> float:
        index = bisect_right(self.settings.factors, (at_ns, float("inf"))) - 1
        return self.settings.factors[index][1] if index >= 0 else 1.0


def send(lines: Sequence[Line], at_ns: int, size: int) -> int:
    """Over one line after the other."""
    for line in lines:
        at_ns = line.send(at_ns, size)
    return at_ns


def acknowledged(lines: Sequence[Line], at_ns: int) -> int:
    for line in lines:
        at_ns = line.acknowledged_after(at_ns)
    return at_ns
