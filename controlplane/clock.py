"""Time, as an argument: the wall clock for people, the monotonic one for decisions, and between them a steady one."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol


class Clock(Protocol):
    def wall(self) -> float:
        """Seconds since the epoch; may jump."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment of this process; never goes back."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Steady:
    """The clock of deadlines that are stored: seconds since the epoch as the wall clock had them when this process
    started, and from there on by the monotonic clock. So a wall clock that is set moves no deadline; the next start
    takes the new time over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = clock.wall() - clock.monotonic()
        self.started = self.now()

    def now(self) -> float:
        return self._clock.monotonic() + self._offset


class Times(NamedTuple):
    """When something is stored: for people, and for deadlines."""

    wall: float
    steady: float


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC with milliseconds, as every document writes a time."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
