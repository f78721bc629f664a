"""A disk that fills up under a running agent: what it promised it keeps, and says what to do."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from shared.documents import Cluster, Deployment, Uplink, WorkloadView
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import counters, deploy, example_stack, until, with_threshold, with_tier
from tests.end_to_end.second_version import SECOND, second_manifest
from tests.end_to_end.small_disk import SmallDisk, small_disk
from tests.end_to_end.traffic import Outcome, Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

# Enough for a changed assignment, which is written beside the old one; not for the second version's 24 KiB.
ROOM_FOR_DOCUMENTS = 20_000
# Of which a file system keeps a MiB free for the agent itself.
ROOM_FOR_A_SPOOL = 1_300_000
RECORDS = 6000
FULL = ("No space left on device", "File too large", "MiB are free")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A stack whose edge agent keeps its state on a small disk."""

    stack: Stack
    disk: SmallDisk

    @property
    def pid(self) -> int:
        return self.stack.programs["edge-1"].process.pid

    def share(self, deployment: Deployment) -> WorkloadView:
        with self.stack.client() as client:
            found = client.deployments.status(deployment.name).workloads
        return next(one for one in found if one.tier == "edge")

    def complains(self, deployment: Deployment) -> bool:
        share = self.share(deployment)
        return share.phase == "running" and any(words in share.reason for words in FULL)


@pytest.fixture
def edge(
    broker: KafkaCluster, tmp_path: Path, example: Example, record_property: Callable[[str, object], None]
) -> Iterator[Edge]:
    state = tmp_path / "edge-1"
    with small_disk(state, size="3m") as disk, example_stack(tmp_path, broker, example) as stack:
        record_property("disk", disk.how)
        yield Edge(stack=stack, disk=disk)


async def answers_to(deployment: Deployment, edge: Edge, images: NDArray[Any]) -> Outcome:
    """To a hundred images sent now."""
    traffic = Traffic(deployment=deployment, cluster=edge.stack.cluster("edge"))
    outcome = await traffic.outcome(await traffic.send(image.tobytes() for image in images[:100]))
    assert not outcome.dead_letters
    return outcome


async def test_an_assignment_that_finds_a_full_disk_is_not_taken_and_the_old_one_serves_on(
    edge: Edge, deployment: Deployment, images: NDArray[Any]
) -> None:
    """1. deploy; 2. the disk is full; 3. change the threshold so that the edge answers everything; 4. the edge says why
    it does not, and answers as before; 5. there is room again: it is applied."""
    deploy(edge.stack, deployment)
    with edge.disk.full(edge.pid), edge.stack.client() as client:
        client.deployments.put(with_threshold(deployment, "edge", 0.0))
        await until(lambda: edge.complains(deployment))
        assert not edge.share(deployment).applied
        outcome = await answers_to(deployment, edge, images)
        assert {one[0].tier for one in outcome.answers.values()} > {"edge"}
        assert not list(edge.disk.path.glob("*.new"))
    await until(lambda: edge.share(deployment).applied, deadline_s=60)
    assert edge.share(deployment).reason == ""


async def test_a_version_that_does_not_fit_on_the_disk_is_refused_and_the_old_one_serves_on(
    edge: Edge, deployment: Deployment, images: NDArray[Any], example: Example
) -> None:
    """1. deploy; 2. the disk has room for documents only; 3. a second version; 4. the edge says why it is not loaded,
    and answers by the first; 5. there is room again: the second serves."""
    deploy(edge.stack, deployment)
    artifacts = edge.disk.path / "artifacts"
    before = {path.name for path in artifacts.iterdir()}
    with edge.disk.full(edge.pid, leaving=ROOM_FOR_DOCUMENTS), edge.stack.client() as client:
        client.models.register(second_manifest(example.manifest), example.folder)
        client.deployments.put(deployment)
        await until(lambda: edge.complains(deployment), deadline_s=60)
        outcome = await answers_to(deployment, edge, images)
        assert {(one[0].version, one[0].degraded) for one in outcome.answers.values()} == {(1, False)}
        assert {path.name for path in artifacts.iterdir() if path.suffix != ".partial"} == before
    await until(lambda: edge.share(deployment).applied, deadline_s=120)
    assert edge.share(deployment).versions[0].endswith(f"/{SECOND}")
    assert not list(artifacts.glob("*.partial"))


@pytest.fixture
def upper_kafka() -> Iterator[KafkaCluster]:
    with KafkaCluster() as cluster:
        yield cluster


async def test_a_disk_filled_by_the_spool_pauses_the_edge_and_loses_nothing(
    edge: Edge, deployment: Deployment, images: NDArray[Any], upper_kafka: KafkaCluster
) -> None:
    """1. deploy over two clusters, every record forwarded; 2. the upper cluster stops; 3. more is sent than the disk
    holds: the edge stops taking records and says why; 4. it is killed and starts again on the full disk; 5. the upper
    cluster comes back: every record is answered."""
    upper = tuple(upper_kafka.bootstrap_servers.split(","))
    with edge.stack.client() as client:
        for tier in ("fog", "cloud"):
            client.clusters.put(Cluster(name=tier, bootstrap_servers=upper))
    deployment = with_tier(with_threshold(deployment, "edge", 1.0), "edge", uplink=Uplink(deadline_s=1.0))
    deploy(edge.stack, deployment)
    above = Traffic(deployment=deployment, cluster=Cluster(name="fog", bootstrap_servers=upper))
    await asyncio.to_thread(upper_kafka.kill, 1)
    with edge.disk.full(edge.pid, leaving=ROOM_FOR_A_SPOOL):
        below = Traffic(deployment=deployment, cluster=edge.stack.cluster("edge"))
        ids = await below.send(images[number % len(images)].tobytes() for number in range(RECORDS))
        await until(lambda: edge.complains(deployment), deadline_s=60)
        await until(lambda: counters(edge.stack, deployment, "edge")["lag"] > 0)
        edge.stack.programs["edge-1"].kill()
        edge.stack.start_agent("edge-1")
        await asyncio.to_thread(upper_kafka.start, 1)
        outcome = await above.outcome(ids, deadline_s=90)
    assert not outcome.dead_letters
    assert {one[0].tier for one in outcome.answers.values()} == {"fog", "cloud"}
