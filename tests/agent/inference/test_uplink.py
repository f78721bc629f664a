"""The upper tier's cluster goes away and comes back: another real broker, killed and started again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from aiokafka.admin import NewTopic
from msgspec.structs import replace

from shared.documents import Batching, Cluster, InferenceWorkload, Uplink, UplinkMode
from shared.kafka import admin
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import MARK, Arithmetic, record
from tests.agent.inference.tiers import Networks, Node, cluster_of, document, make_topics, produce, reading, running

# Longer than a delivery may take on a busy machine: a late one is answered twice, as promised, and counted so.
DEADLINE_S = 10.0
# Order is promised to records of one key.
KEY = b"sensor"
pytestmark = pytest.mark.slow


@pytest.fixture
def upper_broker(tmp_path: Path) -> Iterator[KafkaCluster]:
    with KafkaCluster(data_dir=tmp_path / "kafka") as cluster:
        yield cluster


def _edge(
    here: Cluster, above: Cluster, unique: str, networks: Networks, mode: UplinkMode, spool_bytes: int = 2**20
) -> InferenceWorkload:
    version = networks.add(Arithmetic(tier="edge", version=1))
    uplink = Uplink(mode=mode, deadline_s=DEADLINE_S, spool_bytes=spool_bytes)
    return document("edge", [version], {"edge": here, "cloud": above}, unique, upper="cloud", uplink=uplink)


async def _until_uplink(node: Node, state: str) -> None:
    async with asyncio.timeout(60):
        while node.workload.status().uplink != state:
            await node.ring()


async def test_with_wait_everything_goes_up_in_order_once_the_cluster_is_back(
    broker: KafkaCluster, upper_broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, above = cluster_of(broker), cluster_of(upper_broker, "above")
    networks = Networks(tmp_path)
    edge = _edge(here, above, unique, networks, UplinkMode.WAIT)
    await make_topics(above, f"{unique}.cloud")
    async with running(edge, networks) as node:
        await produce(here, f"{unique}.edge", [record(0.5, mark=0)])
        await _until_uplink(node, "up")
        await _forwarded(node, 1)
        upper_broker.kill(1)
        for mark in range(1, 61):
            await produce(here, f"{unique}.edge", [record(0.5, mark=mark)], key=KEY)
        await _until_uplink(node, "down")
        while node.workload.status().counters["spooled"] < 60:
            await node.ring()
        assert "uplink down" in node.workload.status().reason
        await asyncio.to_thread(upper_broker.start, 1)
        await _until_uplink(node, "up")
        await produce(here, f"{unique}.edge", [record(0.5, mark=61)], key=KEY)
        async with reading(above, f"{unique}.cloud") as forwards:
            seen = await forwards.until(62)
    # A mark is what the record was, plus the version that forwarded it.
    marks = list(dict.fromkeys(float(np.frombuffer(one.value, "<f4")[MARK]) - 1 for one in seen))
    assert marks == sorted(marks) == list(range(62))


async def _forwarded(node: Node, count: int) -> None:
    async with asyncio.timeout(30):
        while node.workload.status().counters["forwarded"] < count:
            await node.ring()


async def test_with_degrade_this_tier_answers_and_marks_it(
    broker: KafkaCluster, upper_broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, above = cluster_of(broker), cluster_of(upper_broker, "above")
    networks = Networks(tmp_path)
    edge = _edge(here, above, unique, networks, UplinkMode.DEGRADE)
    await make_topics(above, f"{unique}.cloud")
    async with running(edge, networks) as node, reading(here, f"{unique}.answers") as answers:
        # A record that comes before the first connection may be answered here.
        await node.until_running()
        await _until_uplink(node, "up")
        await produce(here, f"{unique}.edge", [record(0.5, mark=0)])
        await _forwarded(node, 1)
        upper_broker.kill(1)
        await produce(here, f"{unique}.edge", [record(0.5, mark=1), record(0.9, mark=2)])
        await answers.until(2, timeout_s=60)
        await produce(here, f"{unique}.edge", [record(0.5, mark=3)])
        seen = await answers.until(3)
        assert [one.prediction.degraded for one in seen] == [False, True, True]
        assert node.workload.status().uplink == "down"
        await asyncio.to_thread(upper_broker.start, 1)
        await _until_uplink(node, "up")
        await produce(here, f"{unique}.edge", [record(0.5, mark=4)])
        await _forwarded(node, 2)
        assert node.workload.status().counters["degraded"] == 2
        assert len(await answers.rest()) == 3


async def test_a_full_spool_holds_the_records_back_in_kafka_and_loses_none(
    broker: KafkaCluster, upper_broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, above = cluster_of(broker), cluster_of(upper_broker, "above")
    networks = Networks(tmp_path)
    edge = _edge(here, above, unique, networks, UplinkMode.WAIT, spool_bytes=20_000)
    edge = replace(edge, batching=Batching(max_records=20))
    await make_topics(above, f"{unique}.cloud")
    upper_broker.kill(1)
    count = 400
    async with running(edge, networks) as node:
        await produce(here, f"{unique}.edge", [record(0.5, mark=mark) for mark in range(count)], key=KEY)
        while "is full" not in node.workload.status().reason:
            await node.ring()
        counters = node.workload.status().counters
        assert counters["spooled"] < count
        assert counters["records_in"] < count
        await asyncio.to_thread(upper_broker.start, 1)
        async with reading(above, f"{unique}.cloud") as forwards:
            marks = [float(np.frombuffer(one.value, "<f4")[MARK]) - 1 for one in await forwards.until(count)]
    assert list(dict.fromkeys(marks)) == list(range(count))


async def test_what_was_spooled_goes_up_after_a_restart_of_the_agent(
    broker: KafkaCluster, upper_broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, above = cluster_of(broker), cluster_of(upper_broker, "above")
    networks = Networks(tmp_path)
    edge = _edge(here, above, unique, networks, UplinkMode.WAIT)
    await make_topics(above, f"{unique}.cloud")
    upper_broker.kill(1)
    async with running(edge, networks) as node:
        await produce(here, f"{unique}.edge", [record(0.5, mark=mark) for mark in range(30)])
        while node.workload.status().counters["spooled"] < 30:
            await node.ring()
    await asyncio.to_thread(upper_broker.start, 1)
    async with running(edge, networks), reading(above, f"{unique}.cloud") as forwards:
        assert len(await forwards.until(30)) == 30


async def test_after_a_record_that_the_upper_topic_never_takes_the_next_one_goes_up(
    broker: KafkaCluster, upper_broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, above = cluster_of(broker), cluster_of(upper_broker, "above")
    networks = Networks(tmp_path)
    edge = _edge(here, above, unique, networks, UplinkMode.DEGRADE)
    async with admin(above) as client:
        await client.create_topics([NewTopic(f"{unique}.cloud", 1, 1, topic_configs={"max.message.bytes": "2000"})])
    async with running(edge, networks) as node, reading(here, f"{unique}.dead") as dead:
        await node.until_running()
        await _until_uplink(node, "up")
        # It may be up again before the dead letter is read.
        went_down = asyncio.create_task(_until_uplink(node, "down"))
        await produce(here, f"{unique}.edge", [record(0.5)], headers=[("photo", bytes(4000))])
        await dead.until(1)
        await went_down
        await _until_uplink(node, "up")
        await produce(here, f"{unique}.edge", [record(0.5)])
        await _forwarded(node, 1)
        assert node.workload.status().counters["degraded"] == 0
