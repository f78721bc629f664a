from pathlib import Path

import pytest
from msgspec.structs import replace

from agent.inference.soundness import require_sound
from shared.documents import Cluster, Delivery
from shared.errors import DocumentError
from shared.kafka import producer
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import POISON, Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, produce, reading, running

PARTITIONS = 3


async def test_every_record_is_seen_exactly_once_across_two_tiers(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    clusters = dict.fromkeys(("edge", "cloud"), here)
    networks = Networks(tmp_path)
    edge = document(
        "edge",
        [networks.add(Arithmetic(tier="edge", version=1))],
        clusters,
        unique,
        upper="cloud",
        partitions=PARTITIONS,
        delivery=Delivery.EXACTLY_ONCE,
    )
    cloud = document(
        "cloud", [networks.add(Arithmetic(tier="cloud", version=1))], clusters, unique, delivery=Delivery.EXACTLY_ONCE
    )
    count = 300
    async with (
        running(cloud, networks) as upper,
        running(edge, networks) as lower,
        reading(here, f"{unique}.answers", committed=True) as answers,
    ):
        await upper.until_running()
        await lower.until_running()
        for partition in range(PARTITIONS):
            values = [record(0.9 if mark % 2 else 0.5, mark=mark) for mark in range(partition, count, PARTITIONS)]
            await produce(here, f"{unique}.edge", values, partition=partition)
        await answers.until(count)
        seen = await answers.rest()
    assert len(seen) == len({one.prediction.id for one in seen}) == count
    assert sum(one.prediction.tier == "cloud" for one in seen) == count // 2


async def test_a_dead_letter_stands_in_the_same_transaction(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    edge = document(
        "edge",
        [networks.add(Arithmetic(tier="edge", version=1))],
        {"edge": here},
        unique,
        delivery=Delivery.EXACTLY_ONCE,
    )
    async with (
        running(edge, networks) as node,
        reading(here, f"{unique}.answers", committed=True) as answers,
        reading(here, f"{unique}.dead", committed=True) as dead,
    ):
        await node.until_running()
        await produce(here, f"{unique}.edge", [record(0.9), record(0.9, mark=POISON), b"garbage"])
        assert len(await answers.until(1)) == 1
        assert {one.headers["fogline-origin-offset"] for one in await dead.until(2)} == {b"1", b"2"}


async def test_a_producer_that_was_fenced_comes_back_and_doubles_nothing(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    edge = document(
        "edge",
        [networks.add(Arithmetic(tier="edge", version=1, delay_s=0.002))],
        {"edge": here},
        unique,
        delivery=Delivery.EXACTLY_ONCE,
    )
    count = 600
    async with running(edge, networks) as node, reading(here, f"{unique}.answers", committed=True) as answers:
        await node.until_running()
        await produce(here, f"{unique}.edge", [record(0.9, mark=mark) for mark in range(count)])
        await answers.until(1)
        intruder = producer(here, transactional_id=f"{edge.group}.{edge.input_topic}.0")
        await intruder.start()
        await intruder.stop()
        await answers.until(count)
        seen = await answers.rest()
    assert len(seen) == len({one.prediction.id for one in seen}) == count


def test_exactly_once_over_two_clusters_is_refused(tmp_path: Path) -> None:
    here, there = (Cluster(name=name, bootstrap_servers=("kafka:9092",)) for name in ("here", "there"))
    version = Networks(tmp_path).add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": here, "fog": there}, "d", upper="fog")
    require_sound(edge)
    with pytest.raises(DocumentError, match="one cluster"):
        require_sound(replace(edge, delivery=Delivery.EXACTLY_ONCE))
