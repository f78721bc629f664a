"""What the control plane is told: the newest, once a second at most, until it is acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from agent.announcements.persistence import Persistence, may_pass
from shared.documents.federation_workloads import FederationReport
from shared.errors import ControlPlaneError

EVERY_S = 1.0
_CONFLICT = 409


@dataclass(slots=True, kw_only=True)
class Reporting:
    """`post` as Federating.report. `dismissed` is told why this node coordinates no more."""

    post: Callable[[FederationReport], Awaitable[None]]
    persistence: Persistence
    dismissed: Callable[[str], None]
    every_s: float = EVERY_S
    _newest: FederationReport | None = field(default=None, init=False)
    _acknowledged: FederationReport | None = field(default=None, init=False)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition, init=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _is_over: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @property
    def trouble(self) -> str:
        return self.persistence.trouble

    def tell(self, report: FederationReport) -> None:
        """An outcome is never taken back by what is told after it."""
        if report != self._newest:
            self._newest = report
            self._news.set()

    async def until_told(self) -> None:
        """The newest is acknowledged, or this node is not listened to any more."""
        while self._newest is not self._acknowledged and not self._is_over.is_set():
            async with self._changed:
                await self._changed.wait()

    async def run(self) -> None:
        """Until cancelled, or dismissed. Raises ControlPlaneError for what only a person can mend."""
        while True:
            await self._news.wait()
            self._news.clear()
            report = self._newest
            assert report is not None  # noqa: S101 - there is news
            try:
                await self.post(report)
            except ControlPlaneError as error:
                if error.status == _CONFLICT:
                    await self._dismiss(str(error))
                    return
                if not may_pass(error):
                    self.persistence.trouble = str(error)
                await self.persistence.wait_out(error)
                self._news.set()
                continue
            self.persistence.worked()
            await self._acknowledge(report)
            # What changes meanwhile is told together.
            await asyncio.sleep(self.every_s)

    async def _acknowledge(self, report: FederationReport) -> None:
        async with self._changed:
            self._acknowledged = report
            self._changed.notify_all()

    async def _dismiss(self, reason: str) -> None:
        self.dismissed(reason)
        async with self._changed:
            self._is_over.set()
            self._changed.notify_all()
