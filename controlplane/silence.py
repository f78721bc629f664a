"""Nodes that fall silent and come back: told once each as an event, and written down for after a restart."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from sqlmodel import Session

from controlplane.clock import Clock
from controlplane.events import Bell
from controlplane.presence import Presence
from controlplane.store import events, nodes
from controlplane.store.database import Database
from controlplane.store.events import Happened
from controlplane.watchers import Board
from shared.errors import StorageError

_LOOK_EVERY_S = 1.0
_WRITE_EVERY_S = 15.0
# Above this many at once, one event tells of all of them.
_MOST_EVENTS = 50
_log = logging.getLogger(__name__)


def crossings(before: frozenset[str], after: frozenset[str]) -> list[Happened]:
    """The events between two sets of silent nodes."""
    happened = []
    for one, many, names in (
        ("node_stale", "nodes_stale", after - before),
        ("node_heard", "nodes_heard", before - after),
    ):
        if len(names) > _MOST_EVENTS:
            happened.append(Happened(many, "nodes", {"nodes": len(names)}))
        else:
            happened += [Happened(one, f"node/{name}") for name in sorted(names)]
    return happened


class SilenceLog:
    def __init__(
        self,
        *,
        database: Database,
        board: Board,
        presence: Presence,
        clock: Clock,
        bell: Bell,
        stale_after_s: float,
        events_kept: int,
    ) -> None:
        self._database = database
        self._board = board
        self._presence = presence
        self._clock = clock
        self._bell = bell
        self._stale_after_s = stale_after_s
        self._events_kept = events_kept
        self._silent: frozenset[str] = frozenset()
        self._written = clock.monotonic()

    async def run(self) -> None:
        """Until cancelled. What could not be stored is tried again."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            try:
                await self.look()
            except StorageError as error:
                _log.error("silence of nodes was not stored, tried again: %s", error)

    async def look(self) -> None:
        now = self._clock.monotonic()
        silent = frozenset(one for one in self._board.nodes if self._presence.silent_for_s(one) > self._stale_after_s)
        happened = [one for one in crossings(self._silent, silent) if self._is_still_here(one)]
        seen: Mapping[str, float] = {}
        if now - self._written >= _WRITE_EVERY_S:
            times = {node: self._presence.last_heard(node) for node in self._board.nodes}
            seen = {node: time for node, time in times.items() if time is not None}
        if happened or seen:
            await self._database.run(partial(self._store, happened, seen))
            self._bell.ring()
        self._silent = silent
        self._written = now if seen else self._written

    def _is_still_here(self, happened: Happened) -> bool:
        """A node that was silent and is removed has not been heard."""
        return happened.subject == "nodes" or self._board.posting(happened.subject.removeprefix("node/")) is not None

    def _store(self, happened: list[Happened], seen: Mapping[str, float], session: Session) -> None:
        events.add(session, happened, now=self._clock.wall())
        nodes.set_last_seen(session, seen)
        events.forget_older(session, keep=self._events_kept)
