"""Time as an argument: what a part that waits or measures is given, so a test can give it another."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`monotonic` in seconds for durations, `now` in UTC for people; `sleep` waits by the same clock as `monotonic`."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def timestamp(self) -> str:
        return self.now().isoformat(timespec="milliseconds")
