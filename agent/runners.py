"""All runners of one node: reconcile decides, this acts."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping

from agent.reconcile import Action, Desired, Drain, Forget, Start, Update, plan
from agent.runner import Runner, Workshop
from agent.workloads import Entry
from shared.documents import Phase, WorkloadStatus

logger = logging.getLogger(__name__)


class Runners:
    """`proven` holds the documents that worked when this node was last up.

    `changed` is called whenever `statuses()` begins to answer differently, counters aside; `proved` with all documents
    that work, whenever there is another; `forgotten` with the id of a workload that is gone; `settled` with the
    assignment's entries, once all of them run as assigned.
    """

    def __init__(
        self,
        workshop: Workshop,
        *,
        proven: Mapping[str, Entry],
        changed: Callable[[], None],
        proved: Callable[[Collection[Entry]], None],
        forgotten: Callable[[str], None],
        settled: Callable[[Collection[Entry]], None],
    ) -> None:
        self._workshop = workshop
        self._changed = changed
        self._proven = dict(proven)
        self._proved = proved
        self._forgotten = forgotten
        self._settled = settled
        self._is_settled = True
        self._entries: Mapping[str, Entry] = {}
        self._runners: dict[str, Runner] = {}
        self._stirred = asyncio.Event()
        self._stopped = asyncio.Event()
        self._closing = False

    def assign(self, entries: Mapping[str, Entry]) -> None:
        """What this node must run from now on, all of it; nothing any more once it drains."""
        self._entries = {} if self._closing else entries
        self._is_settled = False
        self._stir()

    async def run(self) -> None:
        """Reconcile whenever something has changed, until cancelled; then every workload is stopped at once."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._stirred.clear()
                self._reconcile(tasks)
                self._settle()
                await self._stirred.wait()

    async def drain(self) -> None:
        """Run nothing any more; returns when the last workload has stopped. Their last statuses stay to be told."""
        self._closing = True
        self.assign({})
        await self._stopped.wait()

    def statuses(self) -> tuple[WorkloadStatus, ...]:
        return tuple(runner.status() for runner in self._runners.values())

    def entries(self) -> tuple[Entry, ...]:
        """Of all that is assigned, and of all that has not gone yet."""
        return (*self._entries.values(), *(runner.entry for runner in self._runners.values()))

    def _reconcile(self, tasks: asyncio.TaskGroup) -> None:
        """Until there is nothing left to do: forgetting a workload that has stopped may free its id."""
        while actions := [action for action in self._plan() if not (self._closing and isinstance(action, Forget))]:
            for action in actions:
                self._act(action, tasks)
        if self._closing and all(runner.running.phase is Phase.STOPPED for runner in self._runners.values()):
            self._stopped.set()

    def _settle(self) -> None:
        """Once for each assignment."""
        as_assigned = all(runner.runs_as_assigned for runner in self._runners.values())
        if as_assigned and not self._is_settled and not self._closing:
            self._is_settled = True
            self._settled(self._entries.values())

    def _plan(self) -> tuple[Action, ...]:
        desired = {id: Desired(kind=one.kind, revision=one.revision) for id, one in self._entries.items()}
        return plan(desired, {id: runner.running for id, runner in self._runners.items()})

    def _act(self, action: Action, tasks: asyncio.TaskGroup) -> None:
        logger.info("reconciling", extra={"action": type(action).__name__.lower(), "workload": action.id})
        match action:
            case Start(id):
                self._runners[id] = self._runner(self._entries[id])
                tasks.create_task(self._runners[id].run())
            case Update(id):
                self._runners[id].update(self._entries[id])
            case Drain(id):
                self._runners[id].drain()
            case Forget(id):
                del self._runners[id]
                self._proven.pop(id, None)
                self._forgotten(id)
                self._changed()

    def _runner(self, entry: Entry) -> Runner:
        proven = self._proven.get(entry.id)
        return Runner(entry, self._workshop, proven=proven, proved=self._prove, changed=self._stir)

    def _prove(self, entry: Entry) -> None:
        known = self._proven.get(entry.id)
        self._proven[entry.id] = entry
        if known is None or known.revision != entry.revision:
            self._proved(self._proven.values())

    def _stir(self) -> None:
        self._stirred.set()
        self._changed()
