"""Topics made and filled, and a group's way through them followed."""

import asyncio
import time
from collections.abc import Callable, Mapping

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from shared.documents import Cluster
from shared.kafka import admin, ensure_topic
from simulations.bench.errors import BenchError
from simulations.bench.sample import images
from simulations.bench.statistics import Progress

# As often as it takes to see a second in detail; each look costs the broker two small requests.
LOOK_EVERY_S = 0.025
SILENCE_DEADLINE_S = 30.0


async def make_topics(cluster: Cluster, partitions: Mapping[str, int]) -> None:
    async with admin(cluster) as client:
        for topic, count in partitions.items():
            await ensure_topic(client, cluster, topic, partitions=count)


async def preload(cluster: Cluster, topic: str, records: int, *, partitions: int = 1) -> None:
    """The sample, again and again, dealt out over the partitions: bare values, as a gateway's producer batches them."""
    values = [image.tobytes() for image in images()]
    sender = AIOKafkaProducer(bootstrap_servers=list(cluster.bootstrap_servers), linger_ms=5)
    await sender.start()
    try:
        for number in range(records):
            await sender.send(topic, values[number // partitions % len(values)], partition=number % partitions)
        await sender.flush()
    finally:
        await sender.stop()


async def follow(
    cluster: Cluster,
    group: str,
    records: int,
    *,
    fails: Callable[[str], Exception] = BenchError,
    seen: list[Progress] | None = None,
) -> list[Progress]:
    """How many records the group has committed, look by look, until it has all of them: `seen`, which grows meanwhile.

    Raises what `fails` makes when nothing is committed any more.
    """
    seen = [] if seen is None else seen
    seen.append(Progress(time.monotonic(), 0))
    last_change = seen[0].at_s
    async with admin(cluster) as client:
        while seen[-1].records < records:
            now = Progress(time.monotonic(), await committed(client, group))
            if now.records > seen[-1].records:
                last_change = now.at_s
            elif now.at_s - last_change > SILENCE_DEADLINE_S:
                raise fails(f"committed nothing for {SILENCE_DEADLINE_S:g} s, at {now.records} of {records} records")
            seen.append(now)
            await asyncio.sleep(LOOK_EVERY_S)
    return seen


async def committed(client: AIOKafkaAdminClient, group: str) -> int:
    """Records of this group that are done, over all its partitions, which begin at offset 0."""
    offsets = await client.list_consumer_group_offsets(group)
    return sum(max(0, found.offset) for found in offsets.values())
