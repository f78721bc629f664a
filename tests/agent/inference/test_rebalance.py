"""Members come and go under load, on a real group; every record that went in is looked for."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared.documents import Batching, Cluster, Delivery, InferenceWorkload
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import Arithmetic, record
from tests.agent.inference.tiers import Networks, Reader, cluster_of, document, produce, reading, running

PARTITIONS = 4
COUNT = 1600


async def _load(cluster: Cluster, topic: str, marks: Sequence[int]) -> None:
    for start in range(0, len(marks), 40):
        some = marks[start : start + 40]
        await produce(cluster, topic, [record(0.9, mark=mark) for mark in some], partition=start // 40 % PARTITIONS)


def _member(cluster: Cluster, unique: str, networks: Networks, delivery: Delivery) -> InferenceWorkload:
    version = networks.add(Arithmetic(tier="edge", version=1, delay_s=0.003))
    edge = document("edge", [version], {"edge": cluster}, unique, partitions=PARTITIONS, delivery=delivery)
    return replace(edge, batching=Batching(max_records=32))


@pytest.mark.slow
@pytest.mark.parametrize("delivery", list(Delivery))
async def test_a_member_joins_and_one_leaves_under_load_and_nothing_is_lost(
    broker: KafkaCluster, unique: str, tmp_path: Path, delivery: Delivery
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    edge = _member(here, unique, networks, delivery)
    async with (
        running(edge, networks, node="one") as one,
        reading(here, f"{unique}.answers", committed=delivery is Delivery.EXACTLY_ONCE) as answers,
    ):
        await one.until_running()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_load(here, f"{unique}.edge", range(COUNT // 2)))
            await answers.until(COUNT // 8)
            async with running(edge, networks, node="two") as two:
                await two.until_running()
                # However long the second member took to join, there is work for it.
                tasks.create_task(_load(here, f"{unique}.edge", range(COUNT // 2, COUNT)))
                await answers.until(COUNT * 3 // 4)
                while not two.workload.status().counters["answered"]:
                    await two.ring()
            seen = await answers.until(COUNT)
        nodes = {one.prediction.node for one in seen}
        await _assert_each_once(answers)
    assert nodes == {"one", "two"}


async def _assert_each_once(answers: Reader) -> None:
    """A drain and a rebalance commit what they delivered: even at least once, only a crash doubles."""
    seen = await answers.rest()
    ids = {one.prediction.id for one in seen}
    assert len(ids) == COUNT
    assert len(seen) == COUNT


async def test_a_replica_without_a_partition_says_so(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": here}, unique, partitions=1)
    async with running(edge, networks, node="one") as one:
        await one.until_running()
        async with running(edge, networks, node="two") as two:
            await two.until_running()
            while (reasons := sorted(node.workload.status().reason for node in (one, two))) == ["", ""]:
                await two.ring()
    assert reasons == ["", "no Kafka partition is left for this replica"]


@pytest.mark.slow
async def test_partitions_taken_away_while_delivering_are_committed_first(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    """The first member has long micro-batches under way whenever the second one comes and goes."""
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    slow = networks.add(Arithmetic(tier="edge", version=1, delay_s=0.02))
    edge = replace(
        document("edge", [slow], {"edge": here}, unique, partitions=PARTITIONS), batching=Batching(max_records=32)
    )
    count = 400
    async with running(edge, networks, node="one") as one, reading(here, f"{unique}.answers") as answers:
        await one.until_running()
        await _load(here, f"{unique}.edge", range(count))
        for _ in range(2):
            await answers.until(len(answers.seen) + 1)
            async with running(edge, networks, node="two") as two:
                await two.until_running()
        await answers.until(count)
        seen = await answers.rest()
    assert len(seen) == len({one.prediction.id for one in seen}) == count
