"""What an agent's log says while its Kafka is away: that it went, and that it is back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from shared.documents import Deployment
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import TIERS, deploy, example_stack, under_load, until
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

AWAY_S = 10


@pytest.fixture
def own_kafka() -> Iterator[KafkaCluster]:
    """A broker this test may kill."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture
def stack(own_kafka: KafkaCluster, tmp_path: Path, example: Example) -> Iterator[Stack]:
    with example_stack(tmp_path, own_kafka, example) as stack:
        yield stack


async def test_an_outage_is_two_lines_and_a_reason_in_the_status(
    own_kafka: KafkaCluster, stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """1. deploy; 2. under load, kill the broker; 3. the status says so; 4. start it again; 5. read each agent's log."""
    deploy(stack, deployment)
    before = {tier: len(log(stack, tier)) for tier in TIERS}

    def reasons() -> set[str]:
        with stack.client() as client:
            return {one.reason for one in client.deployments.status(deployment.name).workloads}

    def all_say(word: str) -> bool:
        return all(any(word in line for line in log(stack, tier)[before[tier] :]) for tier in TIERS)

    async def outage() -> None:
        await asyncio.sleep(2)  # under load for a while
        await asyncio.to_thread(own_kafka.kill, 1)
        await until(lambda: all("no broker is connected" in reason for reason in reasons()))
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(own_kafka.start, 1)
        await until(lambda: all_say("cluster is back"), deadline_s=60)

    ids = await under_load(traffic.send, images, outage)
    await traffic.outcome(ids)
    await until(lambda: reasons() == {""}, deadline_s=60)
    for tier in TIERS:
        news = log(stack, tier)[before[tier] :]
        assert [line for line in news if "level=error" in line or "logger=aiokafka" in line] == []
        assert [words(line) for line in news if "cluster" in words(line)] == [
            "cluster away; its records wait there",
            "cluster is back",
        ]
        assert len(news) < 2 * AWAY_S


def log(stack: Stack, tier: str) -> list[str]:
    return stack.programs[f"{tier}-1"].output().splitlines()


def words(line: str) -> str:
    return line.partition('message="')[2].partition('"')[0]
