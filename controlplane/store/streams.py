"""Announced streams, the announcements that were taken in, and which offsets Kafka still holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import or_
from sqlmodel import Session, col, select

from controlplane.announced import Look
from controlplane.store.tables import AnnouncementRow, KeptRow, RunRow, StreamRow
from shared.documents import decode, encode
from shared.documents.stream import AnnouncementFound, Kept
from shared.streams.announcement import Announcement


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStream:
    """`number`, `control_topic` and `announced_at` are of its latest announcement. Times by the wall clock.

    `expired_since`: known of those that no run was trained on alone, as of the last sweep over them.
    """

    id: str
    cluster: str
    control_topic: str
    number: int
    announcement: Announcement
    announced_at: float
    seen_at: float
    expired_since: float | None = None


class Place(NamedTuple):
    """Where a stream stands in the list: what is gone or was announced anew since leaves no gap."""

    announced_at: float
    id: str


def put(session: Session, stream: StoredStream) -> None:
    """Of a stream that is there, the latest announcement counts, in whichever order they come."""
    row = session.get(StreamRow, stream.id)
    if row is None:
        row = StreamRow(
            id=stream.id,
            cluster=stream.cluster,
            control_topic=stream.control_topic,
            number=stream.number,
            announcement=encode(stream.announcement),
            announced_at=stream.announced_at,
            seen_at=stream.seen_at,
        )
    elif stream.announced_at >= row.announced_at:
        row.control_topic, row.number, row.announced_at = stream.control_topic, stream.number, stream.announced_at
    session.add(row)
    session.flush()


def find(session: Session, id_: str) -> StoredStream | None:
    row = session.get(StreamRow, id_)
    return _stored(row) if row else None


def those(
    session: Session, *, cluster: str | None = None, after: Place | None = None, limit: int | None = None
) -> list[StoredStream]:
    """Of this cluster, further down than `after`; the latest announced first, at most `limit`."""
    at, id_ = col(StreamRow.announced_at), col(StreamRow.id)
    query = select(StreamRow).order_by(at.desc(), id_).limit(limit)
    if cluster is not None:
        query = query.where(StreamRow.cluster == cluster)
    if after is not None:
        query = query.where(at <= after.announced_at, or_(at < after.announced_at, id_ > after.id))
    return [_stored(row) for row in session.exec(query)]


def on_cluster(session: Session, cluster: str) -> list[StoredStream]:
    query = select(StreamRow).where(StreamRow.cluster == cluster).order_by(col(StreamRow.id))
    return [_stored(row) for row in session.exec(query)]


def untrained(session: Session) -> list[StoredStream]:
    """Those that no run was ever trained on."""
    query = select(StreamRow).where(col(StreamRow.id).not_in(select(RunRow.stream)))
    return [_stored(row) for row in session.exec(query)]


def set_expired_since(session: Session, id_: str, since: float | None) -> None:
    session.get_one(StreamRow, id_).expired_since = since
    session.flush()


def remove(session: Session, id_: str) -> None:
    """That its announcements were taken in stays noted down."""
    session.delete(session.get_one(StreamRow, id_))
    session.flush()


def take_in(session: Session, cluster: str, control_topic: str, found: AnnouncementFound) -> bool:
    """Note down this record of a control topic; False when it was taken in before."""
    if session.get(AnnouncementRow, (cluster, control_topic, found.partition, found.offset, found.timestamp_ms)):
        return False
    row = AnnouncementRow(
        cluster=cluster,
        control_topic=control_topic,
        partition=found.partition,
        offset=found.offset,
        timestamp_ms=found.timestamp_ms,
    )
    session.add(row)
    session.flush()
    return True


def note_kept(session: Session, cluster: str, kept: Iterable[Kept], *, now: float) -> None:
    for one in kept:
        row = KeptRow(
            cluster=cluster,
            topic=one.topic,
            partition=one.partition,
            first=one.first,
            last=one.last,
            looked_at=now,
        )
        session.merge(row)
    session.flush()


def looks(session: Session, cluster: str) -> dict[tuple[str, int], Look]:
    """By topic and Kafka partition."""
    return {
        (row.topic, row.partition): Look(
            kept=Kept(topic=row.topic, partition=row.partition, first=row.first, last=row.last),
            looked_at=row.looked_at,
        )
        for row in session.exec(select(KeptRow).where(KeptRow.cluster == cluster))
    }


def _stored(row: StreamRow) -> StoredStream:
    return StoredStream(
        id=row.id,
        cluster=row.cluster,
        control_topic=row.control_topic,
        number=row.number,
        announcement=decode(row.announcement, Announcement),
        announced_at=row.announced_at,
        seen_at=row.seen_at,
        expired_since=row.expired_since,
    )
