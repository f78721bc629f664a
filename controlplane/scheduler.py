"""When passes run: within each change that an operator makes, soon after whatever nodes do, and when time has come."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from sqlmodel import Session

from controlplane import passes
from controlplane.clock import Clock, Steady
from controlplane.events import Bell
from controlplane.metrics import Metrics
from controlplane.passes import Circumstances, Outcome
from controlplane.presence import Presence
from controlplane.store.database import Database
from controlplane.watchers import Board
from shared.errors import StorageError

T = TypeVar("T")
R = TypeVar("R")
_log = logging.getLogger(__name__)

_TICK_S = 1.0
# After a pass nobody waits for, stay idle for this many times its duration: 10,000 nodes may enrol at once.
_IDLE_RATIO = 2.0
# A pass whose database stood still says nothing of how long the next one takes.
_MOST_IDLE_S = 5.0


class _DryRun(Exception):  # noqa: N818 - not an error: it only ends the transaction
    def __init__(self, result: object) -> None:
        self.result = result


class Scheduler:
    def __init__(
        self,
        *,
        database: Database,
        board: Board,
        presence: Presence,
        clock: Clock,
        steady: Steady,
        bell: Bell,
        metrics: Metrics,
        retention_s: float,
    ) -> None:
        self._database = database
        self._board = board
        self._presence = presence
        self._clock = clock
        self._steady = steady
        self._bell = bell
        self._metrics = metrics
        self._retention_s = retention_s
        self._awake = asyncio.Event()
        self._last: Outcome | None = None
        self._silent: frozenset[tuple[float, str]] = frozenset()
        self.is_rolling = False

    @property
    def unwatched(self) -> Mapping[str, str]:
        """Training requests whose announcements nobody reads, and why, as of the last pass."""
        return self._last.unwatched if self._last else {}

    async def change(
        self, action: Callable[[Session], T], view: Callable[[Session, T], R], *, dry_run: bool = False
    ) -> R:
        """Do `action`, place everything anew and take the `view`, in one transaction; then tell the nodes concerned."""
        transaction = partial(self._transact, action, view, dry_run)
        try:
            with self._metrics.changes.time():
                result, outcome = await self._database.run(transaction)
        except _DryRun as end:
            return end.result  # type: ignore[return-value]  # what `view` gave
        self._tell(outcome)
        return result

    def wake(self) -> None:
        """Something happened that may change placements; a pass follows soon, one for many such things."""
        self._awake.set()

    async def run(self) -> None:
        """Until cancelled. A database that fails is tried again with the next tick."""
        self._awake.set()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_S):
                    await self._awake.wait()
            if self._awake.is_set() or self._time_has_come():
                self._awake.clear()
                await self._pass()

    async def _pass(self) -> None:
        started = self._clock.monotonic()
        try:
            await self.change(lambda _: None, lambda _, nothing: nothing)
        except StorageError as error:
            _log.error("placement failed, tried again: %s", error)
            self._awake.set()
            await asyncio.sleep(_TICK_S)
        await asyncio.sleep(min(_IDLE_RATIO * (self._clock.monotonic() - started), _MOST_IDLE_S))

    def _transact(
        self, action: Callable[[Session], T], view: Callable[[Session, T], R], dry_run: bool, session: Session
    ) -> tuple[R, Outcome]:
        done = action(session)
        circumstances = Circumstances(
            now=self._steady.now(),
            wall=self._clock.wall(),
            retention_s=self._retention_s,
            silent_for_s=self._presence.silent_for_s,
            has_contacted=self._presence.has_contacted,
            unwatched=self.unwatched,
        )
        outcome = passes.run(session, circumstances)
        result = view(session, done)
        if dry_run:
            raise _DryRun(result)
        return result, outcome

    def _tell(self, outcome: Outcome) -> None:
        self._board.post(outcome.postings, outcome.documents)
        self._last, self.is_rolling = outcome, outcome.is_rolling
        self._metrics.assignments.inc(len(outcome.postings))
        self._metrics.unplaced.set(outcome.unplaced)
        self._bell.ring()

    def _time_has_come(self) -> bool:
        if self._last is None:
            return True
        moment = self._last.next_change_at
        silent = self._silent_nodes(self._last.stale_after_s)
        changed = silent != self._silent
        self._silent = silent
        return changed or (moment is not None and moment <= self._steady.now())

    def _silent_nodes(self, limits: frozenset[float]) -> frozenset[tuple[float, str]]:
        silences = {node: self._presence.silent_for_s(node) for node in self._board.nodes}
        return frozenset((limit, node) for limit in limits for node, silence in silences.items() if silence > limit)
