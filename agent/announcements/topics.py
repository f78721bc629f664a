"""Which topics there are: asking a broker for one by name may make it."""

import asyncio
from collections.abc import Callable

from aiokafka.admin import AIOKafkaAdminClient

from shared.documents import Cluster
from shared.kafka import admin

LOOK_S = 2.0


async def partitions(client: AIOKafkaAdminClient) -> dict[str, frozenset[int]]:
    """The Kafka partitions of every topic that this node may see. `client` comes from `kafka.admin`."""
    found = await client.describe_topics()
    return {one["topic"]: frozenset(each["partition"] for each in one["partitions"]) for one in found}


async def until_there(cluster: Cluster, topic: str, *, missing: Callable[[], None]) -> frozenset[int]:
    """Its Kafka partitions; `missing` is called each time it is not there. Nobody is told of a new topic: one must ask.

    Raises ClusterError.
    """
    async with admin(cluster) as client:
        while (found := await partitions(client)).get(topic) is None:
            missing()
            await asyncio.sleep(LOOK_S)
    return found[topic]
