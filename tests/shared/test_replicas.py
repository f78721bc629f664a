"""How many replicas the topics have that Fogline makes."""

import asyncio
from collections.abc import Iterator

import pytest

from shared.documents import Cluster, TopicDefaults
from shared.kafka import admin, ensure_topic
from simulations.kafka.cluster import KafkaCluster


@pytest.fixture(scope="module")
def three_brokers() -> Iterator[KafkaCluster]:
    with KafkaCluster(nodes=3) as cluster:
        yield cluster


async def _replicas(broker: KafkaCluster, topic: str, defaults: TopicDefaults) -> set[int]:
    cluster = Cluster(name="edge", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")), topics=defaults)
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, topic, partitions=2)
        # Every question may go to another broker, which need not have heard of the topic yet.
        while not (found := [one for one in await client.describe_topics() if one["topic"] == topic]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return {len(partition["replicas"]) for partition in found[0]["partitions"]}


@pytest.mark.slow
async def test_a_topic_outlives_one_of_three_brokers_unless_told_otherwise(
    three_brokers: KafkaCluster, unique: str
) -> None:
    assert await _replicas(three_brokers, unique, TopicDefaults()) == {3}
    assert await _replicas(three_brokers, f"{unique}-two", TopicDefaults(replication_factor=2)) == {2}


async def test_one_broker_is_enough(broker: KafkaCluster, unique: str) -> None:
    assert await _replicas(broker, unique, TopicDefaults()) == {1}
