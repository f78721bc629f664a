"""Time as an argument: what a part that measures or stamps is given, so a test can give it another."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`monotonic` in seconds for durations, `now` in UTC for people."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now

    def timestamp(self) -> str:
        return self.now().isoformat(timespec="milliseconds")
