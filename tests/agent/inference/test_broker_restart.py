"""The only broker of a tier is killed under load and started again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared.documents import Batching, Delivery
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, produce, reading, running

COUNT = 1200
pytestmark = pytest.mark.slow


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[KafkaCluster]:
    with KafkaCluster(data_dir=tmp_path / "kafka") as cluster:
        yield cluster


@pytest.mark.parametrize("delivery", list(Delivery))
async def test_every_record_is_answered_after_the_broker_came_back(
    own_broker: KafkaCluster, unique: str, tmp_path: Path, delivery: Delivery
) -> None:
    here = cluster_of(own_broker)
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1, delay_s=0.001))
    edge = document("edge", [version], {"edge": here}, unique, partitions=2, delivery=delivery)
    edge = replace(edge, batching=Batching(max_records=32))
    async with running(edge, networks) as node:
        await node.until_running()
        for partition in range(2):
            values = [record(0.9, mark=mark) for mark in range(partition, COUNT, 2)]
            await produce(here, f"{unique}.edge", values, partition=partition)
        while node.workload.status().counters["answered"] < COUNT // 8:
            await node.ring(0.05)
        own_broker.kill(1)
        async with asyncio.timeout(20):
            while not node.workload.status().reason:
                await node.ring()
        await asyncio.to_thread(own_broker.start, 1)
        async with reading(here, f"{unique}.answers", committed=delivery is Delivery.EXACTLY_ONCE) as answers:
            await answers.until_ids(COUNT)
            seen = await answers.rest()
        while node.workload.status().reason:
            await node.ring()
    if delivery is Delivery.EXACTLY_ONCE:
        assert len(seen) == COUNT
