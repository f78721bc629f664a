"""Time, as an argument: the wall clock for people, the monotonic one for decisions."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


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


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC with milliseconds, as every document writes a time."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
