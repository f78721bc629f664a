"""Statuses on their way up: batched, sent on change and at an interval, sent again until acknowledged.

At the interval even what has not changed is sent: nothing else tells the control plane that this process still runs.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import msgspec

from agent.backoff import Backoff
from agent.control_plane import ControlPlane
from agent.presence import Presence
from shared.documents import NodeReport
from shared.errors import ControlPlaneError

logger = logging.getLogger(__name__)

# Changes come in bursts: five workloads started together are one report.
BATCH_S = 0.1
RESEND = Backoff(first_s=0.5, cap_s=30.0)
FAREWELL_S = 2.0


class Outbox:
    """Numbers reports. Pure."""

    def __init__(self) -> None:
        self._last: NodeReport | None = None

    def numbered(self, report: NodeReport) -> NodeReport:
        """A report that says the same as the last one keeps its number: the control plane need not store it again."""
        number = self._last.sequence if self._last else 0
        again = msgspec.structs.replace(report, sequence=number)
        self._last = again if again == self._last else msgspec.structs.replace(report, sequence=number + 1)
        return self._last


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReporter:
    """`compose` makes a report of how things are now; its sequence is filled in here."""

    control_plane: ControlPlane
    compose: Callable[[], NodeReport]
    presence: Presence
    interval_s: float
    resend: Backoff = RESEND
    random: Random = field(default_factory=Random)
    _outbox: Outbox = field(default_factory=Outbox)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _answered: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self) -> None:
        """Something other than a counter is different now."""
        self._changed.set()

    def answered(self) -> None:
        """The control plane has just answered, perhaps from an older copy of its database: tell it at once."""
        self._answered.set()
        self._changed.set()

    async def run(self) -> None:
        failures, last = 0, ""
        while True:
            try:
                await self._send()
            except ControlPlaneError as error:
                failures, last = failures + 1, self._tell(str(error), last)
                await _within(self.resend.delay_s(failures, jitter=self.random.random()), self._answered)
            else:
                failures, last = 0, ""
                await self._next()

    async def farewell(self) -> None:
        """The last report of a node that stops: one attempt, soon given up."""
        if self.presence.is_there:
            with suppress(ControlPlaneError, TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._send()

    async def _next(self) -> None:
        if await _within(self.interval_s, self._changed):
            await asyncio.sleep(BATCH_S)

    async def _send(self) -> None:
        self._changed.clear()
        self._answered.clear()
        await self.control_plane.report(self._outbox.numbered(self.compose()))

    def _tell(self, reason: str, last: str) -> str:
        """Once for each reason, and not at all while the watch has said already that nobody is there."""
        if reason != last and self.presence.is_there:
            logger.warning("report not acknowledged; it will be sent again", extra={"reason": reason})
        return reason


async def _within(seconds: float, event: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await event.wait()
    return False
