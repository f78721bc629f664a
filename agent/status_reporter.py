"""Statuses on their way up: batched, sent on change and at an interval, sent again until acknowledged."""

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
    """Which report is due. Pure: knows what was acknowledged, numbers what was not."""

    def __init__(self) -> None:
        self._sequence = 0
        self._pending: NodeReport | None = None
        self._acknowledged: NodeReport | None = None

    def due(self, report: NodeReport) -> NodeReport | None:
        """The report to send, numbered; None when the control plane knows all of it.

        What failed to arrive keeps its number for as long as it says the same.
        """
        content = msgspec.structs.replace(report, sequence=0)
        if content == self._acknowledged:
            return None
        if content != self._pending:
            self._pending = content
            self._sequence += 1
        return msgspec.structs.replace(content, sequence=self._sequence)

    def acknowledge(self, sequence: int) -> None:
        if sequence == self._sequence:
            self._acknowledged = self._pending


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

    def changed(self) -> None:
        """Something other than a counter is different now."""
        self._changed.set()

    async def run(self) -> None:
        failures, last = 0, ""
        while True:
            try:
                await self._send()
            except ControlPlaneError as error:
                failures, last = failures + 1, self._tell(str(error), last)
                await asyncio.sleep(self.resend.delay_s(failures, jitter=self.random.random()))
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
        with suppress(TimeoutError):
            async with asyncio.timeout(self.interval_s):
                await self._changed.wait()
            await asyncio.sleep(BATCH_S)

    async def _send(self) -> None:
        self._changed.clear()
        report = self._outbox.due(self.compose())
        if report is not None:
            acknowledged = await self.control_plane.report(report)
            self._outbox.acknowledge(acknowledged.sequence)

    def _tell(self, reason: str, last: str) -> str:
        """Once for each reason, and not at all while the watch has said already that nobody is there."""
        if reason != last and self.presence.is_there:
            logger.warning("report not acknowledged; it will be sent again", extra={"reason": reason})
        return reason
