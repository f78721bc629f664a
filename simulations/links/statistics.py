"""What a shaper has carried, and how late it was itself."""

from array import array
from pathlib import Path

import msgspec

from shared.documents.codec import encode
from shared.documents.types import Message
from shared.storage import replace_file

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
    """`priority` is the process's nice value; a negative one was granted by the machine."""

    lines: tuple[LineStatistics, ...]
    connections: int
    cpu_s: float
    priority: int


class LatenessCounter:
    """A histogram of whole microseconds: its size does not grow with what it counts."""

    __slots__ = ("_counts", "_max_us")

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * (MOST_US + 1)))
        self._max_us = 0

    def add(self, late_s: float) -> None:
        late_us = max(0, int(late_s * 1e6))
        self._counts[min(late_us, MOST_US)] += 1
        self._max_us = max(self._max_us, late_us)

    def summary(self) -> Lateness:
        total = sum(self._counts)
        p50, p99 = (self._quantile(share * total) for share in (0.5, 0.99))
        return Lateness(count=total, p50_us=p50, p99_us=p99, max_us=self._max_us)

    def _quantile(self, rank: float) -> int:
        below = 0
        for late_us, count in enumerate(self._counts):
            below += count
            if below >= rank:
                return late_us
        return MOST_US


def write(path: Path, statistics: ShaperStatistics) -> None:
    replace_file(path, msgspec.json.format(encode(statistics)))
