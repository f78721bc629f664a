"""What arrives at topics on several clusters."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared import kafka
from shared.documents import Cluster
from shared.errors import ClusterError

RECORDS_A_BATCH = 1000
POLL_MS = 500
STOP_TIMEOUT_S = 5.0

Batch = list[bytes]


async def follow(
    places: Collection[tuple[Cluster, str]],
    *,
    take: Callable[[Batch], bool],
    ready: Callable[[], None] = lambda: None,
    from_start: bool = False,
    seconds: float | None = None,
) -> None:
    """Give `take` the values that arrive at these topics, until it returns False or `seconds` have passed.

    `ready` is called when every place was found: without `from_start`, what is sent after it will be seen. No group
    is joined and nothing is committed. Raises ClusterError, also when a topic is not there.
    """
    async with AsyncExitStack() as stack:
        consumers = [
            (cluster, await stack.enter_async_context(_placed(cluster, topic, from_start=from_start)))
            for cluster, topic in places
        ]
        ready()
        enough = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(_pump(*one, take, enough)) for one in consumers]
                with suppress(TimeoutError):
                    await asyncio.wait_for(enough.wait(), seconds)
                for task in tasks:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None


async def _pump(
    cluster: Cluster, consumer: AIOKafkaConsumer, take: Callable[[Batch], bool], enough: asyncio.Event
) -> None:
    while not enough.is_set():
        with kafka.translated(cluster.name):
            arrived = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_A_BATCH)
        values = [record.value for records in arrived.values() for record in records]
        if values and not take(values):
            enough.set()


@asynccontextmanager
async def _placed(cluster: Cluster, topic: str, *, from_start: bool) -> AsyncIterator[AIOKafkaConsumer]:
    partitions = [TopicPartition(topic, number) for number in await _partitions(cluster, topic)]
    consumer = kafka.consumer(cluster, group=None)
    try:
        with kafka.translated(cluster.name):
            await consumer.start()
            consumer.assign(partitions)
            if from_start:
                await consumer.seek_to_beginning(*partitions)
            else:
                await consumer.seek_to_end(*partitions)
            for partition in partitions:
                await consumer.position(partition)
        yield consumer
    finally:
        await kafka.stop_within(consumer, STOP_TIMEOUT_S)


async def _partitions(cluster: Cluster, topic: str) -> list[int]:
    async with kafka.admin(cluster) as admin:
        found = next((one for one in await admin.describe_topics() if one["topic"] == topic), None)
    if found is None:
        raise ClusterError(
            f"cluster {cluster.name!r} has no topic {topic!r}: is the deployment ready? (`fogline status`)"
        )
    return [one["partition"] for one in found["partitions"]]
