"""Doing again what failed for a passing reason: said once when it begins to fail, and once when it works again."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from agent.backoff import Backoff
from agent.control_plane import is_passing
from shared.errors import ControlPlaneError, FoglineError

logger = logging.getLogger(__name__)

RETRY = Backoff(first_s=0.5, cap_s=30.0)


@dataclass(slots=True, kw_only=True)
class Persistence:
    """`what` is done; `trouble` is why not, empty while it works. `changed` is called whenever that has changed."""

    what: str
    changed: Callable[[], None]
    random: Random
    retry: Backoff = RETRY
    trouble: str = field(default="", init=False)
    _failures: int = field(default=0, init=False)

    async def wait_out(self, error: FoglineError) -> None:
        """Returns when it is time to try again."""
        self._failures += 1
        if not self.trouble:
            logger.warning("%s failed; it will be tried again", self.what, extra={"reason": str(error)})
        self._say(str(error))
        await asyncio.sleep(self.retry.delay_s(self._failures, jitter=self.random.random()))

    def worked(self) -> None:
        if self.trouble:
            logger.info("%s works again", self.what, extra={"failures": self._failures})
        self._failures = 0
        self._say("")

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.changed()


def may_pass(error: FoglineError) -> bool:
    """Whether the same may work later without anybody changing anything."""
    return is_passing(error) if isinstance(error, ControlPlaneError) else error.retriable
