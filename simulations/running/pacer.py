"""Moments to wait for in asyncio, as punctual as the kernel's timer.

asyncio's own timers stand on a timeout of epoll, which is rounded up to whole milliseconds.
"""

import asyncio
import time
from typing import Self

from simulations.links.timeline import Timeline
from simulations.links.timer import Timer


class Pacer:
    """Entered within the event loop that waits. Who waits for the same moment goes on in the order of coming."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer = Timer()
        self._timeline: Timeline[asyncio.Future[None]] = Timeline()

    async def until(self, at_s: float) -> None:
        """This reading of `time.monotonic`. Others that are ready go first, even when that moment has passed."""
        woken = self._loop.create_future()
        is_next = at_s < self._timeline.next_s
        self._timeline.put(at_s, woken)
        if is_next:
            self._timer.set(at_s)
        await woken

    def _fire(self) -> None:
        for _, woken in self._timeline.take(time.monotonic()):
            if not woken.done():
                woken.set_result(None)
        self._timer.set(self._timeline.next_s)

    def __enter__(self) -> Self:
        self._timer.__enter__()
        self._loop.add_reader(self._timer, self._fire)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.remove_reader(self._timer)
        self._timer.__exit__()
