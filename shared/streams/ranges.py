"""Ranges of Kafka partitions, and the text that announcements write them as."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from shared.documents.types import Message, TopicName
from shared.streams.field_error import shown

_LAST_PARTITION = 2**31 - 1
_LAST_OFFSET = 2**63 - 1
_RANGE = re.compile(r"([a-zA-Z0-9._-]{1,249}):([0-9]{1,19}):([0-9]{1,19}):([0-9]{1,19})")

Offset = Annotated[int, Meta(ge=0, le=_LAST_OFFSET)]


class Range(Message, frozen=True, kw_only=True):
    """The offsets from `start` up to `end`, without `end`, of one partition. `start == end` is empty."""

    topic: TopicName
    partition: Annotated[int, Meta(ge=0, le=_LAST_PARTITION)]
    start: Offset
    end: Offset

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"the range starts at offset {self.start}, after its end {self.end}")

    @property
    def offsets(self) -> int:
        """How many there are; of records as many, or fewer: transactions and compaction leave gaps."""
        return self.end - self.start

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.start}:{self.end}"


def parse_ranges(text: str) -> tuple[Range, ...]:
    """From `topic:partition:start:end` joined by commas. Raises ValueError that shows the part at fault."""
    return tuple([_parse_range(part) for part in text.split(",")])


def ranges_text(ranges: Iterable[Range]) -> str:
    return ",".join(map(str, ranges))


def overlap(ranges: Iterable[Range]) -> tuple[Range, Range] | None:
    """Two ranges that share an offset, if there are any."""
    filled = [one for one in ranges if one.offsets]
    for before, after in pairwise(sorted(filled, key=lambda one: (one.topic, one.partition, one.start))):
        if (before.topic, before.partition) == (after.topic, after.partition) and before.end > after.start:
            return before, after
    return None


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same offsets in as few ranges as can be, by topic, Kafka partition and offset. Empty ones are left out."""
    joined: list[Range] = []
    filled = [one for one in ranges if one.offsets]
    for one in sorted(filled, key=lambda one: (one.topic, one.partition, one.start)):
        before = joined[-1] if joined else None
        if before is not None and (before.topic, before.partition, before.end) == (one.topic, one.partition, one.start):
            joined[-1] = replace(before, end=one.end)
        else:
            joined.append(one)
    return tuple(joined)


def _parse_range(text: str) -> Range:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"{shown(text)} is no range: write topic:partition:start:end, with numbers from 0 on")
    partition, start, end = map(int, match.group(2, 3, 4))
    if partition > _LAST_PARTITION or max(start, end) > _LAST_OFFSET:
        raise ValueError(f"{shown(text)} has a number greater than Kafka knows")
    try:
        return Range(topic=match[1], partition=partition, start=start, end=end)
    except ValueError as error:
        raise ValueError(f"{shown(text)}: {error}; the last number is the offset after the last record") from error
