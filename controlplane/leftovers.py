"""Artifacts that nothing came to name, and uploads that nobody goes on with: removed once they are old enough."""

import logging
from functools import partial

from sqlmodel import Session

from controlplane.clock import Clock
from controlplane.store import federations, models, networks, runs
from controlplane.store.database import Database
from controlplane.sweeping import swept
from shared.artifacts import ArtifactStore

_SWEEP_EVERY_S = 600.0
_log = logging.getLogger(__name__)


class Leftovers:
    def __init__(self, *, database: Database, store: ArtifactStore, clock: Clock, retention_s: float) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._retention_s = retention_s

    async def run(self) -> None:
        """Until cancelled."""
        await swept(self.sweep, every_s=_SWEEP_EVERY_S, left="leftover artifacts were not removed")

    async def sweep(self) -> None:
        # Files bear the time of the wall clock.
        await self._database.run(partial(self._remove, self._clock.wall() - self._retention_s))

    def _remove(self, before: float, session: Session) -> None:
        """Within a transaction, as what names them is stored: nothing can come to name what is going."""
        old = self._store.untouched_since(before)
        for sha256 in sorted(old - _named(session) if old else old):
            self._store.remove(sha256)
            _log.info("artifact %s removed: no model, network, run or federation names it", sha256)


def _named(session: Session) -> frozenset[str]:
    kept = (models, networks, runs, federations)
    return frozenset().union(*(one.artifacts(session) for one in kept))
