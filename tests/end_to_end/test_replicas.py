"""Two replicas of the edge share a topic of four partitions: they come, go and stand still under load."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from numpy.typing import NDArray

from shared import topics
from shared.documents import Delivery, Deployment
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import (
    deploy,
    example_stack,
    on_one_cluster,
    undeploy_all,
    under_load,
    until_members,
    with_tier,
)
from tests.end_to_end.traffic import Outcome, Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

AGENTS = {
    "edge-1": {"tier": "edge"},
    "edge-2": {"tier": "edge"},
    "fog-1": {"tier": "fog"},
    "cloud-1": {"tier": "cloud"},
}


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory, example: Example) -> Iterator[Stack]:
    with example_stack(tmp_path_factory.mktemp("replicas"), broker, example, agents=AGENTS) as stack:
        yield stack


@pytest.fixture(autouse=True)
def nothing_stays_deployed(stack: Stack) -> Iterator[None]:
    yield
    undeploy_all(stack)


@pytest.fixture
def deployment(example: Example, unique: str) -> Deployment:
    deployment = msgspec.structs.replace(on_one_cluster(example.deployment), name=unique)
    return with_tier(deployment, "edge", partitions=4, replicas=2)


class Group:
    """The edge's consumer group of a deployment, by the names of its nodes."""

    def __init__(self, stack: Stack, deployment: Deployment) -> None:
        self._cluster = stack.cluster("edge")
        self._name = topics.group(deployment, deployment.tiers[0])

    async def until(self, *nodes: str) -> None:
        await until_members(self._cluster, self._name, *nodes)


async def answered(traffic: Traffic, ids: list[bytes]) -> Outcome:
    is_exact = traffic.deployment.delivery is Delivery.EXACTLY_ONCE
    outcome = await traffic.outcome(ids, settle_s=2, read_committed=is_exact)
    assert set(outcome.answers) == set(ids)
    assert not outcome.dead_letters
    return outcome


@pytest.mark.parametrize("delivery", list(Delivery))
async def test_replicas_that_join_and_leave_lose_nothing_and_double_nothing(
    stack: Stack, deployment: Deployment, images: NDArray[Any], delivery: Delivery
) -> None:
    """1. one replica; 2. an operator asks for two; 3. the second is stopped, and started again; 4. so is the first;
    5. an operator asks for one; all under load."""
    deployment = msgspec.structs.replace(deployment, delivery=delivery)
    alone = with_tier(deployment, "edge", replicas=1)
    await asyncio.to_thread(deploy, stack, alone)
    group = Group(stack, deployment)
    await group.until("edge-1")

    async def come_and_go() -> None:
        await asyncio.to_thread(deploy, stack, deployment)
        await group.until("edge-1", "edge-2")
        for leaving, staying in (("edge-2", "edge-1"), ("edge-1", "edge-2")):
            await asyncio.to_thread(stack.programs[leaving].stop, patience_s=45)
            assert stack.programs[leaving].process.returncode == 0
            await group.until(staying)
            stack.start_agent(leaving)
            await group.until("edge-1", "edge-2")
        await asyncio.to_thread(deploy, stack, alone)
        await group.until("edge-1")

    traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))
    outcome = await answered(traffic, await under_load(traffic.send, images, come_and_go))
    assert not outcome.doubled()
    assert {answers[0].trail[0].node for answers in outcome.answers.values()} == {"edge-1", "edge-2"}


@pytest.mark.parametrize("delivery", list(Delivery))
async def test_a_replica_that_stood_still_past_its_session_costs_no_record(
    stack: Stack, deployment: Deployment, images: NDArray[Any], delivery: Delivery
) -> None:
    """1. two replicas under load; 2. one is stopped by SIGSTOP; 3. the group gives its partitions to the other; 4. it
    goes on as if nothing had happened; 5. every record is answered, with `exactly_once` by one answer."""
    deployment = msgspec.structs.replace(deployment, delivery=delivery)
    await asyncio.to_thread(deploy, stack, deployment)
    group = Group(stack, deployment)
    await group.until("edge-1", "edge-2")
    traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))

    async def stand_still() -> None:
        await asyncio.sleep(1)  # in the midst of its work
        stack.programs["edge-2"].suspend()
        try:
            await group.until("edge-1")
            await asyncio.sleep(1)  # the other one has come far
        finally:
            stack.programs["edge-2"].resume()
        await group.until("edge-1", "edge-2")
        await asyncio.sleep(1)  # both are at work again

    outcome = await answered(traffic, await under_load(traffic.send, images, stand_still))
    if delivery is Delivery.EXACTLY_ONCE:
        assert not outcome.doubled()
