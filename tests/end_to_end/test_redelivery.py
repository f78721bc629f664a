"""What is delivered to an agent again after a crash has the id that it had before."""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from aiokafka import TopicPartition
from msgspec.structs import replace
from numpy.typing import NDArray

from shared import topics
from shared.documents import Deployment
from shared.kafka import consumer
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import deploy, example_stack, undeploy_all, under_load, until_members, with_tier
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PARTITIONS = 3


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory, example: Example) -> Iterator[Stack]:
    with example_stack(tmp_path_factory.mktemp("redelivery"), broker, example) as stack:
        yield stack


@pytest.fixture(autouse=True)
def nothing_stays_deployed(stack: Stack) -> Iterator[None]:
    yield
    undeploy_all(stack)


@pytest.fixture
def deployment(example: Example, unique: str) -> Deployment:
    return with_tier(replace(example.deployment, name=unique), "edge", partitions=PARTITIONS)


async def test_records_whose_producer_gave_no_id_keep_theirs_when_agents_are_killed(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """1. stream bytes and nothing else; 2. meanwhile kill the edge's agent again and again; 3. each record is answered
    under the one id that follows from its place in Kafka."""
    deploy(stack, deployment)
    chance = Random("redelivery")

    async def kill() -> None:
        for _ in range(3):
            await until_members(traffic.cluster, topics.group(deployment, deployment.tiers[0]), "edge-1")
            await asyncio.sleep(chance.uniform(0.2, 1.5))  # the random moment is what is tested
            stack.programs["edge-1"].kill()
            stack.start_agent("edge-1")

    ids = await under_load(traffic.send_without_ids, images, kill, rate=200)
    outcome = await traffic.outcome(ids, settle_s=1)
    assert set(outcome.answers) == set(ids)
    assert not outcome.dead_letters


@pytest.mark.parametrize("has_ids", [True, False], ids=["with", "without"])
async def test_what_was_answered_and_not_committed_is_answered_again_under_the_same_id(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any], has_ids: bool
) -> None:
    """1. send, and await the answers; 2. end the edge's agent and put back what it committed, as if it had crashed
    between delivery and commit; 3. start it: everything comes again, under the ids that it had."""
    deploy(stack, deployment)
    values = [image.tobytes() for image in images[:300]]
    ids = await (traffic.send(values) if has_ids else traffic.send_without_ids(values))
    before = await traffic.outcome(ids)
    group = topics.group(deployment, deployment.tiers[0])
    stack.programs["edge-1"].stop(patience_s=45)
    await rewind(traffic, group)
    stack.start_agent("edge-1")
    after = await traffic.outcome(ids, times=2)
    assert set(after.answers) == set(ids)
    for record_id, (first, *again) in after.answers.items():
        assert len(again) == 1
        assert first == before.answers[record_id][0]
        assert again[0].class_ == first.class_


async def rewind(traffic: Traffic, group: str) -> None:
    """Commit the beginning of each partition, in the name of a group that has no member."""
    client = consumer(traffic.cluster, group=group)
    partitions = [TopicPartition(traffic.input_topic, number) for number in range(PARTITIONS)]
    client.assign(partitions)
    async with client:
        await client.commit(dict.fromkeys(partitions, 0))
