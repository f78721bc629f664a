"""One life of a workload: from its first moment until it has drained, failed, or outlasted a deadline."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from agent.progress import Progress
from agent.workload import RunningWorkload
from shared.documents import Phase
from shared.errors import FoglineError


class DeadlineError(FoglineError):
    """A phase lasted longer than it may."""


class EndedError(FoglineError):
    """A workload returned though nobody had asked it to drain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """`attend` runs beside the workload, for its updates; `started` is called once it serves."""

    workload: RunningWorkload
    progress: Progress
    start_deadline_s: float
    drain_deadline_s: float
    attend: Callable[[], Coroutine[None, None, None]]
    started: Callable[[], None]

    async def live(self, leaving: asyncio.Event) -> None:
        """Until `leaving` is set and the workload has drained. Raises what ended it before that."""
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._live(tasks, leaving)
        except ExceptionGroup as group:
            raise _first(group) from None

    async def _live(self, tasks: asyncio.TaskGroup, leaving: asyncio.Event) -> None:
        run = tasks.create_task(self.workload.run())
        beside = [tasks.create_task(self._limit_start()), tasks.create_task(self.attend())]
        departure = tasks.create_task(leaving.wait())
        await asyncio.wait([run, departure], return_when=asyncio.FIRST_COMPLETED)
        for task in (*beside, departure):
            task.cancel()
        if not leaving.is_set():
            raise EndedError("the workload ended though nobody had asked it to")
        if self.progress.phase is Phase.STARTING:
            # What does not serve yet has nothing to finish, and may be waiting for somebody who never comes.
            run.cancel()
        else:
            await self._drain(run)

    async def _limit_start(self) -> None:
        try:
            async with asyncio.timeout(self.start_deadline_s):
                await self.progress.started()
        except TimeoutError:
            reason = self.workload.status().reason or "no reason given"
            raise DeadlineError(f"did not start within {self.start_deadline_s:g} s: {reason}") from None
        if self.progress.phase is not Phase.FAILED:
            self.started()

    async def _drain(self, run: asyncio.Task[None]) -> None:
        self.progress.enter(Phase.DRAINING, deadline_s=self.drain_deadline_s)
        try:
            async with asyncio.timeout(self.drain_deadline_s):
                await self.workload.drain()
                await asyncio.wait([run])
        except TimeoutError:
            run.cancel()
            raise DeadlineError(f"did not drain within {self.drain_deadline_s:g} s and was stopped") from None


def _first(group: ExceptionGroup[Exception]) -> Exception:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
