"""What a shaper has carried, and how late it was itself."""

from shared.documents.types import Message
from simulations.links.promptness import Scheduling

MOST_US = 20_000


class Lateness(Message, frozen=True, kw_only=True):
    """Microseconds from the moment a piece was due by the model until the kernel had it, over `count` pieces.

    What the receiver was not ready to take is not counted. Percentiles end at 20 ms, `max_us` does not.
    """

    count: int
    p50_us: int
    p99_us: int
    max_us: int


class LineStatistics(Message, frozen=True, kw_only=True):
    """One direction of one link. `chunks`: the pieces the bytes were cut into; `stalls`: those lost at least once."""

    link: str
    direction: str
    bytes: int
    chunks: int
    stalls: int
    error: Lateness


class ShaperStatistics(Message, frozen=True, kw_only=True):
    """Of `wall_s` seconds, in which the process used `cpu_s` of a processor and began `connections`.

    `scheduling`: as anything but real-time it waits its turn on a busy machine, and its errors show that.
    """

    lines: tuple[LineStatistics, ...]
    connections: int
    wall_s: float
    cpu_s: float
    scheduling: Scheduling


class LatenessCounter:
    """A histogram of whole microseconds: its size is bounded, however much it counts."""

    __slots__ = ("_counts", "_max_us")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._max_us = 0

    def add(self, late_s: float) -> None:
        late_us = max(0, int(late_s * 1e6))
        kept_us = min(late_us, MOST_US)
        self._counts[kept_us] = self._counts.get(kept_us, 0) + 1
        self._max_us = max(self._max_us, late_us)

    def summary(self) -> Lateness:
        total = sum(self._counts.values())
        p50, p99 = (self._quantile(share * total) for share in (0.5, 0.99))
        return Lateness(count=total, p50_us=p50, p99_us=p99, max_us=self._max_us)

    def _quantile(self, rank: float) -> int:
        below = 0
        for late_us in sorted(self._counts):
            below += self._counts[late_us]
            if below >= rank:
                return late_us
        return 0
