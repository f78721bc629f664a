"""Whether the cluster that records come from is there: said once when it goes, and once when it is back.

aiokafka raises nothing while it tries to connect, and its log, which tells of each attempt, is kept quiet.
"""

import asyncio
import logging
from collections.abc import Callable

from agent.clock import Clock

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
# A connection that is made anew at once is no news.
PATIENCE_S = 3.0


class Reach:
    """`is_connected` says whether any broker is; `changed` is called whenever `trouble` has changed."""

    def __init__(
        self, cluster: str, *, is_connected: Callable[[], bool], changed: Callable[[], None], clock: Clock
    ) -> None:
        self.trouble = ""
        self._cluster = cluster
        self._is_connected = is_connected
        self._changed = changed
        self._clock = clock
        self._last = clock.monotonic()

    async def run(self) -> None:
        """Until cancelled, from when the first connection was there."""
        self._last = self._clock.monotonic()
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        now = self._clock.monotonic()
        if self._is_connected():
            if self.trouble:
                self._report("")
                logger.info("cluster is back", extra={"cluster": self._cluster, "away_s": round(now - self._last)})
            self._last = now
        elif not self.trouble and now - self._last > PATIENCE_S:
            self._report(f"cluster {self._cluster!r}: no broker is connected; its records wait there")
            logger.warning("cluster away; its records wait there", extra={"cluster": self._cluster})

    def _report(self, trouble: str) -> None:
        self.trouble = trouble
        self._changed()
