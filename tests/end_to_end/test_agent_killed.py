"""Agents killed by SIGKILL at random moments under load: nothing lost, and what comes twice is known by its id."""

import asyncio
import random
from typing import Any

import msgspec
import pytest
from numpy.typing import NDArray

from shared.documents import Delivery, Deployment
from simulations.stack import Stack
from tests.end_to_end.driving import deploy, on_one_cluster
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

RECORDS = 6000
RATE = 120.0
KILLS = 21


@pytest.mark.parametrize("delivery", list(Delivery))
async def test_nothing_is_lost_however_often_agents_are_killed(
    stack: Stack, deployment: Deployment, images: NDArray[Any], delivery: Delivery
) -> None:
    """1. stream 6,000 images; 2. meanwhile kill an agent, any tier's, 21 times, and start it again; 3. every record is
    answered, once at least; exactly once to a reader of committed records when the deployment says so."""
    deployment = msgspec.structs.replace(on_one_cluster(deployment), delivery=delivery)
    deploy(stack, deployment)
    traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))
    values = (images[number % len(images)].tobytes() for number in range(RECORDS))
    ids, _ = await asyncio.gather(traffic.send(values, rate=RATE), kill_at_random(stack, random.Random(delivery.value)))
    outcome = await traffic.outcome(ids, deadline_s=90, settle_s=2, read_committed=delivery is Delivery.EXACTLY_ONCE)
    assert set(outcome.answers) == set(ids)
    assert not outcome.dead_letters
    if delivery is Delivery.EXACTLY_ONCE:
        assert not outcome.doubled()


async def kill_at_random(stack: Stack, chance: random.Random) -> None:
    """Each time an agent that has been up for a random while, its start included."""
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.2, 4.0))  # the random moment is what is tested
        name = chance.choice(["edge-1", "fog-1", "cloud-1"])
        stack.programs[name].kill()
        stack.start_agent(name)
