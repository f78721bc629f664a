"""The real agent under the real control plane, over real HTTP; only the workload is small and needs no Kafka."""

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from shared.client import AsyncClient, read_manifest
from shared.documents import Cluster, Deployment, EnrolmentTokenRequest, ExitPolicy, NodeView, TierSpec
from tests.agent.agent_process import counting, diary
from tests.controlplane.program import Running, program

EXAMPLE = Path(__file__).parents[2] / "examples/sensor/manifest.json"
MANIFEST, FOLDER = read_manifest(EXAMPLE)


@pytest.fixture
def control_plane(tmp_path: Path) -> Iterator[Running]:
    with program(tmp_path / "control-plane") as running:
        yield running


@pytest.fixture
async def operator(control_plane: Running) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(control_plane.url, credential=control_plane.credential) as client:
        await client.clusters.put(Cluster(name="here", bootstrap_servers=("localhost:9092",)))
        await client.models.register(MANIFEST, FOLDER)
        yield client


def deployment(threshold: float = 0.8) -> Deployment:
    edge = TierSpec(tier="edge", cluster="here", exit=ExitPolicy(threshold=threshold))
    return Deployment(name="d", model=MANIFEST.name, tiers=(edge, TierSpec(tier="cloud", cluster="here")))


async def node(operator: AsyncClient, state: Path, tier: str) -> AbstractAsyncContextManager[Process]:
    """An agent for this tier, with a token that was made for it."""
    token = await operator.tokens.create(EnrolmentTokenRequest(labels={"tier": tier}))
    flags = ["--name", f"{tier}-1", "--report-interval-s", "1"]
    return counting(state / tier, operator.url, *flags, token=token.token)


async def seen(operator: AsyncClient, name: str, holds: Callable[[NodeView], bool]) -> None:
    async with asyncio.timeout(20):
        # The API has no way to wait for one node.
        while not any(one.name == name and holds(one) for one in await operator.nodes.list()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_deployment_reaches_its_nodes_and_their_statuses_come_back(
    operator: AsyncClient, tmp_path: Path
) -> None:
    async with await node(operator, tmp_path, "edge"), await node(operator, tmp_path, "cloud"):
        await operator.deployments.put(deployment())
        status = await operator.deployments.wait_until_ready("d", deadline_s=20)
    assert {(one.node, one.versions) for one in status.workloads} == {
        ("edge-1", (f"{MANIFEST.name}/1",)),
        ("cloud-1", (f"{MANIFEST.name}/1",)),
    }
    assert diary(tmp_path / "edge")[1:] == ["d.edge running 1"]


async def test_a_changed_threshold_is_applied_without_a_restart(operator: AsyncClient, tmp_path: Path) -> None:
    async with await node(operator, tmp_path, "edge"), await node(operator, tmp_path, "cloud"):
        await operator.deployments.put(deployment(0.8))
        await operator.deployments.wait_until_ready("d", deadline_s=20)
        await operator.deployments.put(deployment(0.5))
        await operator.deployments.wait_until_ready("d", deadline_s=20)
    assert diary(tmp_path / "edge")[1:] == ["d.edge running 1", "d.edge updated 1"]


async def test_a_drained_node_gives_its_work_away_and_gets_it_back(operator: AsyncClient, tmp_path: Path) -> None:
    async with await node(operator, tmp_path, "edge"), await node(operator, tmp_path, "cloud"):
        await operator.deployments.put(deployment())
        await operator.deployments.wait_until_ready("d", deadline_s=20)
        await operator.nodes.drain("cloud-1")
        await seen(operator, "cloud-1", lambda view: not view.workloads)
        await operator.nodes.undrain("cloud-1")
        await operator.deployments.wait_until_ready("d", deadline_s=20)
    assert [line.split(" ", 1)[1] for line in diary(tmp_path / "cloud")].count("drained") == 1


async def test_a_node_that_was_removed_enrols_again_with_a_new_token(operator: AsyncClient, tmp_path: Path) -> None:
    async with await node(operator, tmp_path, "edge") as process:
        await seen(operator, "edge-1", lambda view: view.facts.cores >= 1)
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    await operator.nodes.remove("edge-1")
    async with await node(operator, tmp_path, "edge"), await node(operator, tmp_path, "cloud"):
        await operator.deployments.put(deployment())
        await operator.deployments.wait_until_ready("d", deadline_s=20)


async def test_a_used_token_is_refused_and_said_to_be(operator: AsyncClient, tmp_path: Path) -> None:
    token = (await operator.tokens.create()).token
    async with counting(tmp_path / "first", operator.url, "--name", "first", token=token):
        await seen(operator, "first", lambda view: True)
        async with counting(tmp_path / "second", operator.url, "--name", "second", token=token) as second:
            error = (await second.communicate())[1].decode()
            assert second.returncode == 9
    assert "cannot enrol" in error
    assert token not in error
