"""Brokers that die, and an uplink's cluster that is away: nothing lost, and what comes twice has one id."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from numpy.typing import NDArray

from shared.documents import Cluster, Deployment, TopicDefaults, Uplink, UplinkMode
from shared.record.prediction import Prediction
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.programs import await_condition
from simulations.stack import Stack
from tests.end_to_end.driving import counters, deploy
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AWAY_S = 30.0


@pytest.fixture
def own_kafka() -> Iterator[KafkaCluster]:
    """A broker this test may kill."""
    with KafkaCluster() as cluster:
        yield cluster


def stack_on(kafka: KafkaCluster, directory: Path) -> Stack:
    agents = {f"{tier}-1": {"tier": tier} for tier in ("edge", "fog", "cloud")}
    return Stack(directory, agents=agents, bootstrap_servers=kafka.bootstrap_servers)


def prepare(stack: Stack, example: Example, clusters: dict[str, Cluster]) -> None:
    with stack.client() as client:
        for cluster in clusters.values():
            client.clusters.put(cluster)
        client.models.register(example.manifest, example.folder)


def values(images: NDArray[Any], count: int) -> Iterator[bytes]:
    return (images[number % len(images)].tobytes() for number in range(count))


async def test_a_broker_killed_and_started_again_costs_time_and_no_record(
    own_kafka: KafkaCluster, tmp_path: Path, example: Example, deployment: Deployment, images: NDArray[Any]
) -> None:
    with stack_on(own_kafka, tmp_path) as stack:
        prepare(stack, example, {tier: stack.cluster(tier) for tier in ("edge", "fog", "cloud")})
        deploy(stack, deployment)
        traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))

        async def kill_and_start() -> None:
            for _ in range(2):
                await asyncio.sleep(3)  # under load for a while
                await asyncio.to_thread(own_kafka.kill, 1)
                await asyncio.sleep(2)  # away for a while
                await asyncio.to_thread(own_kafka.start, 1)

        ids, _ = await asyncio.gather(traffic.send(values(images, 1500), rate=100), kill_and_start())
        outcome = await traffic.outcome(ids, deadline_s=60)
    assert set(ids) <= set(outcome.answers)
    assert not outcome.dead_letters


async def test_one_of_three_brokers_killed_costs_no_record(
    tmp_path: Path, example: Example, deployment: Deployment, images: NDArray[Any]
) -> None:
    with KafkaCluster(nodes=3) as kafka, stack_on(kafka, tmp_path) as stack:
        topics = TopicDefaults(partitions=3)
        clusters = {
            tier: msgspec.structs.replace(stack.cluster(tier), topics=topics) for tier in ("edge", "fog", "cloud")
        }
        prepare(stack, example, clusters)
        deploy(stack, deployment)
        traffic = Traffic(deployment=deployment, cluster=stack.cluster("edge"))

        async def kill_one() -> None:
            await asyncio.sleep(4)  # under load for a while
            await asyncio.to_thread(kafka.kill, 2)

        ids, _ = await asyncio.gather(traffic.send(values(images, 2000), rate=100), kill_one())
        outcome = await traffic.outcome(ids, deadline_s=90)
    assert set(ids) <= set(outcome.answers)
    assert not outcome.dead_letters


@pytest.fixture
def upper_kafka() -> Iterator[KafkaCluster]:
    """The upper tiers' own cluster, which is cut off from the edge by stopping it."""
    with KafkaCluster() as cluster:
        yield cluster


def over_two_clusters(deployment: Deployment, uplink: Uplink) -> Deployment:
    """The edge on its own cluster, fog and cloud on another; all answers on the edge's would need it too, so each keeps
    its own."""
    edge, *upper = deployment.tiers
    return msgspec.structs.replace(deployment, tiers=(msgspec.structs.replace(edge, uplink=uplink), *upper))


async def answers_of(ids: list[bytes], *traffics: Traffic) -> dict[bytes, list[Prediction]]:
    """By id, over the answers topics of both clusters."""
    found: dict[bytes, list[Prediction]] = {}
    for traffic in traffics:
        outcome = await traffic.outcome([], settle_s=3)
        assert not outcome.dead_letters
        for record_id, answers in outcome.answers.items():
            found.setdefault(record_id, []).extend(answers)
    return {record_id: found[record_id] for record_id in ids if record_id in found}


@pytest.mark.parametrize("mode", list(UplinkMode))
async def test_an_uplink_away_for_half_a_minute_costs_no_record(
    broker: KafkaCluster,
    upper_kafka: KafkaCluster,
    tmp_path: Path,
    example: Example,
    deployment: Deployment,
    images: NDArray[Any],
    mode: UplinkMode,
) -> None:
    """1. deploy over two clusters; 2. stop the upper one; 3. stream on for 30 s; 4. kill the edge agent meanwhile;
    5. start the upper cluster again; 6. every record is answered: late by an upper tier (`wait`), or at once and
    marked (`degrade`)."""
    deployment = over_two_clusters(deployment, Uplink(mode=mode, deadline_s=2.0))
    with stack_on(broker, tmp_path) as stack:
        upper = tuple(upper_kafka.bootstrap_servers.split(","))
        clusters = {tier: Cluster(name=tier, bootstrap_servers=upper) for tier in ("fog", "cloud")}
        prepare(stack, example, {"edge": stack.cluster("edge"), **clusters})
        deploy(stack, deployment)
        below = Traffic(deployment=deployment, cluster=stack.cluster("edge"))
        above = Traffic(deployment=deployment, cluster=clusters["fog"])

        async def cut() -> None:
            await asyncio.sleep(2)  # under load for a while
            await asyncio.to_thread(upper_kafka.kill, 1)
            await asyncio.sleep(AWAY_S / 2)  # the outage's length is what the test is about
            stack.programs["edge-1"].kill()
            stack.start_agent("edge-1")
            await asyncio.sleep(AWAY_S / 2)
            await asyncio.to_thread(upper_kafka.start, 1)

        ids, _ = await asyncio.gather(below.send(values(images, 1800), rate=50), cut())
        assert await await_answers(ids, below, above) == len(ids)
        answers = await answers_of(ids, below, above)
    degraded = {record_id for record_id, found in answers.items() if any(one.degraded for one in found)}
    upward = {record_id for record_id, found in answers.items() if any(one.tier != "edge" for one in found)}
    assert upward
    assert bool(degraded) is (mode is UplinkMode.DEGRADE)


async def await_answers(ids: list[bytes], below: Traffic, above: Traffic, *, deadline_s: float = 90.0) -> int:
    """How many of `ids` are answered anywhere, once all are or the deadline is past."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + deadline_s
    while True:
        answered = len(await answers_of(ids, below, above))
        if answered == len(ids) or clock() > deadline:
            return answered


async def test_a_full_spool_stops_taking_records_and_loses_none(
    broker: KafkaCluster,
    upper_kafka: KafkaCluster,
    tmp_path: Path,
    example: Example,
    deployment: Deployment,
    images: NDArray[Any],
) -> None:
    """1. a spool of 64 KiB; 2. the upper cluster stops; 3. more than fits is forwarded: the edge stops taking; 4. the
    upper cluster comes back: everything is answered."""
    uplink = Uplink(mode=UplinkMode.WAIT, deadline_s=1.0, spool_bytes=65_536)
    deployment = over_two_clusters(deployment, uplink)
    with stack_on(broker, tmp_path) as stack:
        upper = tuple(upper_kafka.bootstrap_servers.split(","))
        clusters = {tier: Cluster(name=tier, bootstrap_servers=upper) for tier in ("fog", "cloud")}
        prepare(stack, example, {"edge": stack.cluster("edge"), **clusters})
        deploy(stack, deployment)
        below = Traffic(deployment=deployment, cluster=stack.cluster("edge"))
        above = Traffic(deployment=deployment, cluster=clusters["fog"])
        upper_kafka.kill(1)
        ids = await below.send(values(images, 8000))

        def is_full() -> bool:
            now = counters(stack, deployment, "edge")
            return now.get("lag", 0) > 1000 and now["spooled"] > 0

        assert await_condition(is_full, deadline_s=60)
        assert counters(stack, deployment, "edge")["spooled"] * 196 < 65_536
        await asyncio.to_thread(upper_kafka.start, 1)
        assert await await_answers(ids, below, above) == len(ids)
