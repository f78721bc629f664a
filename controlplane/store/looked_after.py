"""The ranges of announced streams, as the watches over their clusters need them."""

from collections.abc import Collection
from functools import lru_cache

from sqlmodel import Session, col, select

from controlplane.store.tables import StreamRow
from shared.documents import decode
from shared.streams.announcement import Announcement
from shared.streams.ranges import Range

# Read by every pass, and an announcement never changes.
_REMEMBERED = 10_000


def of_clusters(session: Session, clusters: Collection[str], *, most: int) -> dict[str, list[Range]]:
    """By cluster, of the `most` streams that were announced last, the latest first."""
    return {cluster: _of_cluster(session, cluster, most) for cluster in clusters}


def _of_cluster(session: Session, cluster: str, most: int) -> list[Range]:
    query = select(StreamRow.announcement).where(StreamRow.cluster == cluster)
    latest = query.order_by(col(StreamRow.announced_at).desc(), col(StreamRow.id)).limit(most)
    return [one for raw in session.exec(latest) for one in _ranges(raw)]


@lru_cache(maxsize=_REMEMBERED)
def _ranges(raw: bytes) -> tuple[Range, ...]:
    announcement = decode(raw, Announcement)
    return announcement.ranges + announcement.unlabelled_ranges
