"""Reports of nodes, stored many in one transaction: each is acknowledged once it is on the disk."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlmodel import Session

from controlplane import generations, run_reports
from controlplane.clock import Clock, Steady, Times
from controlplane.generations import Standing
from controlplane.presence import Presence
from controlplane.store import nodes, phases
from controlplane.store.database import Database
from controlplane.store.nodes import StoredNode
from shared.documents import NodeReport, encode
from shared.errors import StorageError

_MOST_AT_ONCE = 256
_MOST_WAITING = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a report came to. `is_news`: placements may change."""

    generation: int
    standing: Standing = Standing.IN_STEP
    is_news: bool = False


class Inbox:
    def __init__(self, database: Database, presence: Presence, clock: Clock, steady: Steady) -> None:
        self._database = database
        self._presence = presence
        self._clock = clock
        self._steady = steady
        self._waiting: asyncio.Queue[tuple[NodeReport, asyncio.Future[Taken | None]]] = asyncio.Queue(_MOST_WAITING)

    async def take(self, report: NodeReport) -> Taken | None:
        """Return when the report is stored; None when there is no such node. Raises StorageError."""
        taken: asyncio.Future[Taken | None] = asyncio.get_running_loop().create_future()
        await self._waiting.put((report, taken))
        return await taken

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and len(batch) < _MOST_AT_ONCE:
                batch.append(self._waiting.get_nowait())
            await self._store(batch)

    async def _store(self, batch: Sequence[tuple[NodeReport, asyncio.Future[Taken | None]]]) -> None:
        times = Times(wall=self._clock.wall(), steady=self._steady.now())
        store = partial(_store_all, [report for report, _ in batch], self._presence, times)
        try:
            outcomes = await self._database.run(store)
        except StorageError as error:
            for _, taken in batch:
                if not taken.done():
                    taken.set_exception(error)
        else:
            for (_, taken), outcome in zip(batch, outcomes, strict=True):
                if not taken.done():
                    taken.set_result(outcome)


def _store_all(reports: Sequence[NodeReport], presence: Presence, times: Times, session: Session) -> list[Taken | None]:
    known = {node.name: node for node in nodes.those(session, {report.node for report in reports})}
    outcomes: list[Taken | None] = []
    fresh: dict[str, NodeReport] = {}
    for report in reports:
        node = known.get(report.node)
        if node is None:
            outcomes.append(None)
        elif report.boot_id == node.boot_id and report.sequence <= node.report_sequence:
            outcomes.append(Taken(generation=node.generation))
        else:
            outcomes.append(_take(session, node, report, is_newcomer=presence.is_newcomer(node.name), times=times))
            known[node.name], fresh[node.name] = _after(node, report), report
    nodes.store_reports(session, list(fresh.values()), now=times.wall)
    return outcomes


def _take(session: Session, node: StoredNode, report: NodeReport, *, is_newcomer: bool, times: Times) -> Taken:
    standing = generations.judge(node, report.highest_generation, is_newcomer=is_newcomer)
    generations.write_down(session, node, report.highest_generation, standing, now=times.wall)
    before = node.decoded_statuses()
    if report.boot_id != node.boot_id or _phases(report) != {one.id: one.phase for one in before}:
        phases.note(session, report, now=times.steady)
    return Taken(
        generation=report.highest_generation if standing is Standing.ADOPTED else node.generation,
        standing=standing,
        is_news=report.facts != node.facts
        or standing is not Standing.IN_STEP
        or run_reports.has_news(before, report.workloads),
    )


def _phases(report: NodeReport) -> dict[str, str]:
    return {status.id: status.phase for status in report.workloads}


def _after(node: StoredNode, report: NodeReport) -> StoredNode:
    """For a second report of this node in the same batch."""
    return replace(
        node,
        facts=report.facts,
        statuses=encode(report.workloads),
        boot_id=report.boot_id,
        report_sequence=report.sequence,
        generation=max(node.generation, report.highest_generation),
    )
