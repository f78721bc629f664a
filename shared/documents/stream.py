"""Announced streams: as a watcher reports them, and as the registry keeps them.

Not part of `shared.documents` itself: an announcement is made of words from there.
"""

from typing import Annotated

from msgspec import Meta

from shared.documents.codec import digest
from shared.documents.training import RequestNumber
from shared.documents.types import ApiVersion, Message, Name, TopicName
from shared.streams.announcement import Announcement
from shared.streams.ranges import Offset

# The last moment that can be written as a date.
_LAST_MS = 253_402_300_799_999
Partition = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Kept(Message, frozen=True, kw_only=True):
    """Which offsets of one Kafka partition the log held when last looked at: from `first` up to `last`, without it."""

    topic: TopicName
    partition: Partition
    first: Offset
    last: Offset


class AnnouncementFound(Message, frozen=True, kw_only=True):
    """One record of a control topic. `refused` says why it is no announcement: both it and `announcement` never are.

    `timestamp_ms`: the record's, since the epoch; Kafka's -1 where it has none.
    """

    partition: Partition
    offset: Offset
    timestamp_ms: Annotated[int, Meta(ge=-1, le=_LAST_MS)]
    number: RequestNumber | None = None
    announcement: Announcement | None = None
    refused: str = ""


class StreamsReport(Message, frozen=True, kw_only=True):
    """What a watcher found, sent until acknowledged; harmless when sent again."""

    api_version: ApiVersion = "fogline/v1"
    cluster: Name
    control_topic: TopicName
    found: tuple[AnnouncementFound, ...] = ()
    kept: tuple[Kept, ...] = ()


class StreamView(Message, frozen=True, kw_only=True):
    """`id`: as `stream_id` has it.

    `expired`: what the log no longer holds, of a whole stream or a part; empty while all of it is there, as far as was
    seen at `looked_at`. `runs`: of all requests.
    """

    api_version: ApiVersion = "fogline/v1"
    id: Name
    cluster: Name
    control_topic: TopicName
    number: RequestNumber
    announcement: Announcement
    announced_at: str
    expired: str = ""
    looked_at: str | None = None
    runs: tuple[int, ...] = ()


def stream_id(cluster: str, announcement: Announcement) -> str:
    """Announced twice it is one stream, whatever its number and control topic."""
    return f"s-{digest([cluster, announcement])}"
