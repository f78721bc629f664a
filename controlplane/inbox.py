"""Reports of nodes, stored many in one transaction: each is acknowledged once it is on the disk."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from controlplane.clock import Clock
from controlplane.store import events, nodes, phases
from controlplane.store.database import Database
from controlplane.store.events import Happened
from controlplane.store.nodes import StoredNode
from shared.documents import NodeReport
from shared.errors import StorageError

_MOST_AT_ONCE = 256
_MOST_WAITING = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a report came to; None of `generation` means that the node is gone. `is_news`: placements may change."""

    generation: int | None
    is_news: bool = False
    needs_confirmation: bool = False


class Inbox:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: asyncio.Queue[tuple[NodeReport, asyncio.Future[Taken]]] = asyncio.Queue(_MOST_WAITING)

    async def take(self, report: NodeReport) -> Taken:
        """Return when the report is stored. Raises StorageError."""
        taken: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        await self._waiting.put((report, taken))
        return await taken

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and len(batch) < _MOST_AT_ONCE:
                batch.append(self._waiting.get_nowait())
            reports = [report for report, _ in batch]
            try:
                outcomes = await self._database.run(partial(store, reports, self._clock.wall()))
            except StorageError as error:
                for _, taken in batch:
                    if not taken.done():
                        taken.set_exception(error)
            else:
                for (_, taken), outcome in zip(batch, outcomes, strict=True):
                    if not taken.done():
                        taken.set_result(outcome)


def store(reports: Sequence[NodeReport], now: float, session: Session) -> list[Taken]:
    return [_store_one(session, report, now) for report in reports]


def _store_one(session: Session, report: NodeReport, now: float) -> Taken:
    node = nodes.find(session, report.node)
    if node is None:
        return Taken(generation=None)
    if report.boot_id == node.boot_id and report.sequence <= node.report_sequence:
        return Taken(generation=node.generation, needs_confirmation=node.needs_confirmation)
    unconfirmed = node.needs_confirmation or _is_ahead(report, node)
    nodes.store_report(session, report, now=now, needs_confirmation=unconfirmed)
    phases.note(session, report, now=now)
    if unconfirmed and not node.needs_confirmation:
        events.add(session, [confirmation_needed(node, report.highest_generation)], now=now)
    return Taken(
        generation=node.generation,
        is_news=report.facts != node.facts or unconfirmed != node.needs_confirmation,
        needs_confirmation=unconfirmed,
    )


def _is_ahead(report: NodeReport, node: StoredNode) -> bool:
    """The node has seen numbers this database does not know: it is an older copy."""
    return report.highest_generation > node.generation


def confirmation_needed(node: StoredNode, highest: int) -> Happened:
    return Happened("confirmation_needed", f"node/{node.name}", {"stored": node.generation, "highest": highest})
