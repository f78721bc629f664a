"""What a site's Kafka holds of announced streams at this moment: of those without an end, what has come by now."""

from collections.abc import Iterator, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from agent.announcements.topics import partitions
from agent.federation.participant.catalogue import Stream
from agent.federation.participant.spans import Held, within
from shared.documents import Cluster
from shared.kafka import admin, connect, consumer, stop_within, translated
from shared.streams.ranges import Range

_STOP_TIMEOUT_S = 5.0


async def held(cluster: Cluster, streams: Sequence[Stream]) -> tuple[tuple[Range, ...], ...]:
    """Of each stream, in their order; of a topic that is gone nothing. Raises ClusterError."""
    if not streams:
        return ()
    async with admin(cluster) as client:
        there = await partitions(client)
    wanted = {one for stream in streams for one in _partitions(stream, there)}
    if not wanted:
        return ((),) * len(streams)
    reader = consumer(cluster, group=None, read_committed=True)
    with translated(cluster.name):
        try:
            await connect(reader)
            first = await reader.beginning_offsets([*wanted])
            last = await reader.end_offsets([*wanted])
            log = {(one.topic, one.partition): (first[one], last[one]) for one in wanted}
            return tuple([await _held(reader, stream, log, there) for stream in streams])
        finally:
            await stop_within(reader, _STOP_TIMEOUT_S)


async def _held(
    reader: AIOKafkaConsumer, stream: Stream, log: Held, there: dict[str, frozenset[int]]
) -> tuple[Range, ...]:
    if stream.announcement.has_end:
        return within(stream.announcement.ranges, log)
    asked = dict.fromkeys(_partitions(stream, there), max(0, stream.announced_ms))
    since = await reader.offsets_for_times(asked) if asked else {}
    began = {one: found.offset for one, found in since.items() if found is not None}
    open_ended = [
        Range(topic=one.topic, partition=one.partition, start=start, end=max(start, log[one.topic, one.partition][1]))
        for one, start in began.items()
    ]
    return within(open_ended, log)


def _partitions(stream: Stream, there: dict[str, frozenset[int]]) -> Iterator[TopicPartition]:
    """Those that are there: asking for others may make their topic."""
    told = stream.announcement
    if told.open_topic is not None:
        yield from (TopicPartition(told.open_topic, one) for one in there.get(told.open_topic, ()))
    for one in told.ranges:
        if one.partition in there.get(one.topic, ()):
            yield TopicPartition(one.topic, one.partition)
