"""The streams that a site's own sinks have announced, in the bytes of Kafka-ML's federated ones. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from agent.announcements.finding import found
from agent.federation.participant.matching import Found
from shared.documents import encode
from shared.documents.stream import AnnouncementFound
from shared.errors import DocumentError, UnavailableError
from shared.streams.announcement import Announcement
from shared.streams.control_message import request_key
from shared.streams.decoding import stream_decoder

_MOST_SHOWN = 20
# A federation's data is for whoever it fits: no number is asked for, and whatever stands there is accepted.
_ANY_KEY = request_key(1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stream:
    """`announced_ms`: since the epoch; an open topic is read from its first record of that time on."""

    announcement: Announcement
    announced_ms: int
    found: Found

    def __str__(self) -> str:
        """Its topics, for a person."""
        told = self.announcement
        return told.open_topic or ", ".join(sorted({one.topic for one in told.ranges}))


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """Is given a control topic's records in their order. `refused`: the latest that are no announcement, and why."""

    refusals: int = 0
    refused: tuple[AnnouncementFound, ...] = ()
    _streams: dict[bytes, Stream] = field(default_factory=dict)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The same announced twice is one, since the first time."""
        return (*self._streams.values(),)

    def take(self, record: AnnouncementFound) -> None:
        announcement = record.announcement
        try:
            if announcement is None:
                raise DocumentError(record.refused)
            described = description(announcement)
        except (DocumentError, UnavailableError) as error:
            told = msgspec.structs.replace(record, refused=str(error), announcement=None)
            self.refusals, self.refused = self.refusals + 1, (*self.refused, told)[-_MOST_SHOWN:]
            return
        stream = Stream(announcement=announcement, announced_ms=record.timestamp_ms, found=described)
        self._streams.setdefault(encode(announcement), stream)


def read(partition: int, offset: int, timestamp_ms: int, value: bytes | None) -> AnnouncementFound:
    """Whatever the record is: what is no announcement is `refused`, with the reason."""
    return found(partition, offset, timestamp_ms, _ANY_KEY, value)


def description(announcement: Announcement) -> Found:
    """Raises DocumentError for Avro schemas that are none, UnavailableError without fastavro."""
    decoder = stream_decoder(announcement.input)
    restrictions: Mapping[str, object] = announcement.restrictions
    return Found(
        shape=decoder.shape,
        dtype=decoder.dtype.name,
        label_shape=decoder.label_shape,
        label_dtype="" if decoder.label_dtype is None else decoder.label_dtype.name,
        records=announcement.total,
        restrictions=restrictions,
    )
