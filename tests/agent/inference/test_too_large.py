"""A topic takes smaller batches, or smaller records, than what was made of the input."""

from pathlib import Path

import pytest
from aiokafka.admin import NewTopic

from shared.documents import Cluster, Delivery
from shared.kafka import admin
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, produce, reading, running

MOST_BYTES = 2_000


async def _small_topic(cluster: Cluster, name: str) -> None:
    async with admin(cluster) as client:
        topic = NewTopic(name, 1, 1, topic_configs={"max.message.bytes": str(MOST_BYTES)})
        response = await client.create_topics([topic])
        assert [error[1] for error in response.topic_errors] == [0]


@pytest.mark.parametrize("delivery", list(Delivery))
async def test_batches_shrink_until_the_topic_takes_them_and_a_giant_is_given_up(
    broker: KafkaCluster, unique: str, tmp_path: Path, delivery: Delivery
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": here}, unique, delivery=delivery)
    await _small_topic(here, f"{unique}.answers")
    is_committed = delivery is Delivery.EXACTLY_ONCE
    async with (
        running(edge, networks) as node,
        reading(here, f"{unique}.answers", committed=is_committed) as answers,
        reading(here, f"{unique}.dead", committed=is_committed) as dead,
    ):
        await node.until_running()
        await produce(here, f"{unique}.edge", [record(0.9, mark=mark) for mark in range(40)])
        await produce(here, f"{unique}.edge", [record(0.9)], headers=[("photo", bytes(2 * MOST_BYTES))])
        await produce(here, f"{unique}.edge", [record(0.9, mark=mark) for mark in range(40, 50)])
        ids = await answers.until_ids(50)
        (letter,) = await dead.until(1)
    assert letter.headers["fogline-id"].hex() not in ids
    assert b"MessageSizeTooLarge" in letter.headers["fogline-error"]
    assert letter.value == b""


async def test_a_record_of_nothing_at_all_becomes_a_dead_letter(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    edge = document("edge", [networks.add(Arithmetic(tier="edge", version=1))], {"edge": here}, unique)
    async with running(edge, networks) as node, reading(here, f"{unique}.dead") as dead:
        await node.until_running()
        await produce(here, f"{unique}.edge", [b""])
        (letter,) = await dead.until(1)
    assert b"too short" in letter.headers["fogline-error"]
