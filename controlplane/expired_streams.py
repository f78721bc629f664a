"""Streams of which Kafka holds nothing any more, and which no run was ever trained on: forgotten after a while.

One with a run stays for ever, for its versions name it. What was read of the control topic stays noted down, so that a
watcher that reads it once more brings none of them back.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping

from sqlmodel import Session

from controlplane.announced import Look, keeping
from controlplane.clock import Clock
from controlplane.store import streams
from controlplane.store.database import Database
from controlplane.store.streams import StoredStream
from controlplane.sweeping import swept

_SWEEP_EVERY_S = 3600.0
_log = logging.getLogger(__name__)


class ExpiredStreams:
    def __init__(self, *, database: Database, clock: Clock, retention_s: float) -> None:
        self._database = database
        self._clock = clock
        self._retention_s = retention_s

    async def run(self) -> None:
        """Until cancelled."""
        await swept(self.sweep, every_s=_SWEEP_EVERY_S, left="expired streams were not forgotten")

    async def sweep(self) -> None:
        await self._database.run(self._forget)

    def _forget(self, session: Session) -> None:
        now = self._clock.wall()
        for one, is_gone in _looked_at(session, streams.untrained(session)):
            since = (now if one.expired_since is None else one.expired_since) if is_gone else None
            if since is not None and now - since > self._retention_s:
                streams.remove(session, one.id)
                _log.info("stream %s forgotten: it expired, and no run was trained on it", one.id)
            elif since != one.expired_since:
                streams.set_expired_since(session, one.id, since)


def _looked_at(session: Session, those: Iterable[StoredStream]) -> Iterator[tuple[StoredStream, bool]]:
    """Each with whether nothing of it is left."""
    looks: dict[str, Mapping[tuple[str, int], Look]] = {}
    for one in those:
        if one.cluster not in looks:
            looks[one.cluster] = streams.looks(session, one.cluster)
        yield one, keeping(one.announcement, looks[one.cluster], seen_at=one.seen_at).is_gone
