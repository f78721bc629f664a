"""Records of a topic with one Kafka partition, from an offset up to another, however transactions have marked it."""

import asyncio
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.errors import ClusterError
from shared.kafka import ConsumerBounds

SILENCE_S = 30.0
BOUNDS = ConsumerBounds(fetch_max_bytes=2**22, max_partition_fetch_bytes=2**22)
"""Several chunks a request: of one alone, most of the time would go to asking."""
# Marks of transactions move the position and are no records: a poll that meets nothing else waits so long for more.
_FETCH_WAIT_MS = 50
_TAKEN_AT_ONCE = 500


def only_partition(topic: str) -> TopicPartition:
    """Every topic of a federation has one."""
    return TopicPartition(topic, 0)


async def end_of(client: AIOKafkaConsumer, partition: TopicPartition) -> int:
    """The offset behind the last record whose transaction has ended; of a client that reads committed ones."""
    ends = await client.end_offsets([partition])
    return int(ends[partition])


async def records(
    client: AIOKafkaConsumer, partition: TopicPartition, *, start: int | None, end: int, silence_s: float = SILENCE_S
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """In the order of their offsets; `start` None: from the first that is there. The client is started, and reads
    nothing else meanwhile.

    Raises ClusterError when nothing comes for a while, and what the client raises.
    """
    clock = asyncio.get_running_loop().time
    client.assign([partition])
    if start is None:
        await client.seek_to_beginning(partition)
    else:
        client.seek(partition, start)
    position, heard_s = await client.position(partition), clock()
    while position < end:
        found = await client.getmany(partition, timeout_ms=_FETCH_WAIT_MS, max_records=_TAKEN_AT_ONCE)
        for record in found.get(partition, ()):
            if record.offset < end:
                yield record
        # Beyond the last record: marks of transactions and what compaction took have offsets too.
        reached = await client.position(partition)
        if reached > position:
            position, heard_s = reached, clock()
        elif clock() - heard_s > silence_s:
            raise ClusterError(f"nothing came from topic {partition.topic!r} for {silence_s:g} s, at offset {position}")
