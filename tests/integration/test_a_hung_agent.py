"""An agent that is stopped or hangs keeps its sockets, and answers nobody: its silence is seen all the same."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared.client import AsyncClient, read_manifest
from shared.documents import Cluster, Deployment, EnrolmentTokenRequest, NodeState, NodeView, TierSpec, WorkloadView
from tests.agent.agent_process import counting
from tests.controlplane.program import program

EXAMPLE = Path(__file__).parents[2] / "examples/sensor/manifest.json"
MANIFEST, FOLDER = read_manifest(EXAMPLE)
TIERS = (TierSpec(tier="edge", cluster="here"), TierSpec(tier="cloud", cluster="here"))


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    with program(tmp_path / "control-plane", "--stale-after-s", "3") as running:
        async with AsyncClient(running.url, credential=running.credential) as client:
            await client.clusters.put(Cluster(name="here", bootstrap_servers=("localhost:9092",)))
            await client.models.register(MANIFEST, FOLDER)
            yield client


async def agent_flags(operator: AsyncClient, name: str, tier: str) -> tuple[list[str], str]:
    token = await operator.tokens.create(EnrolmentTokenRequest(labels={"tier": tier}))
    return ["--name", name, "--report-interval-s", "1"], token.token


async def seen(operator: AsyncClient, name: str, holds: Callable[[NodeView], bool]) -> NodeView:
    async with asyncio.timeout(40):
        while True:
            if view := next((one for one in await operator.nodes.list() if one.name == name and holds(one)), None):
                return view
            # The API has no way to wait for one node.
            await asyncio.sleep(0.05)


async def edge_share(operator: AsyncClient, holds: Callable[[WorkloadView], bool]) -> WorkloadView:
    async with asyncio.timeout(40):
        while True:
            status = await operator.deployments.status("d")
            if share := next((one for one in status.workloads if one.tier == "edge" and holds(one)), None):
                return share
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_a_stopped_agent_is_stale_is_replaced_and_comes_back(operator: AsyncClient, tmp_path: Path) -> None:
    first, token = await agent_flags(operator, "edge-1", "edge")
    async with counting(tmp_path / "edge-1", operator.url, *first, token=token) as stopped:
        cloud, token = await agent_flags(operator, "cloud-1", "cloud")
        async with counting(tmp_path / "cloud-1", operator.url, *cloud, token=token):
            await operator.deployments.put(Deployment(name="d", model=MANIFEST.name, tiers=TIERS, stale_after_s=5))
            await operator.deployments.wait_until_ready("d", deadline_s=40)
            other, token = await agent_flags(operator, "edge-2", "edge")
            async with counting(tmp_path / "edge-2", operator.url, *other, token=token):
                await seen(operator, "edge-2", lambda view: view.state is NodeState.READY)
                await is_stopped_and_goes_on(operator, stopped)


async def is_stopped_and_goes_on(operator: AsyncClient, stopped: asyncio.subprocess.Process) -> None:
    stopped.send_signal(signal.SIGSTOP)
    try:
        stale = await seen(operator, "edge-1", lambda view: view.state is NodeState.STALE)
        share = await edge_share(operator, lambda share: share.phase == "stale")
        assert (share.node, share.last_seen) == ("edge-1", stale.last_seen)
        await edge_share(operator, lambda share: (share.node, share.phase) == ("edge-2", "running"))
        assert (await operator.nodes.get("edge-1")).last_seen == stale.last_seen
    finally:
        stopped.send_signal(signal.SIGCONT)
    back = await seen(operator, "edge-1", lambda view: view.state is NodeState.READY and not view.workloads)
    assert back.last_seen is not None
    assert stale.last_seen is not None
    assert back.last_seen > stale.last_seen
    assert (await edge_share(operator, lambda share: share.applied)).node == "edge-2"
