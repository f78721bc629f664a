"""What end-to-end tests do with a stack."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, takewhile
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec
from numpy.typing import NDArray

from shared.documents import Cluster, Deployment, DeploymentStatus, ExitPolicy, TierSpec
from shared.kafka import admin
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack

TIERS = ("edge", "fog", "cloud")
LOOK_EVERY_S = 0.05


@contextmanager
def example_stack(
    directory: Path,
    broker: KafkaCluster,
    example: Example,
    *,
    agents: Mapping[str, Mapping[str, str]] | None = None,
    agent_flags: tuple[str, ...] = (),
    control_plane_flags: tuple[str, ...] = (),
) -> Iterator[Stack]:
    """A control plane and an agent for each tier, the example registered, its clusters named; nothing deployed."""
    agents = agents or {f"{tier}-1": {"tier": tier} for tier in TIERS}
    with Stack(
        directory,
        agents=agents,
        agent_flags=agent_flags,
        control_plane_flags=control_plane_flags,
        bootstrap_servers=broker.bootstrap_servers,
    ) as stack:
        with stack.client() as client:
            for tier in TIERS:
                client.clusters.put(stack.cluster(tier))
            client.models.register(example.manifest, example.folder)
        yield stack


def deploy(stack: Stack, deployment: Deployment) -> DeploymentStatus:
    """Put it, and wait until every tier runs it."""
    with stack.client() as client:
        client.deployments.put(deployment)
        return client.deployments.wait_until_ready(deployment.name, deadline_s=60)


def with_threshold(deployment: Deployment, tier: str, threshold: float) -> Deployment:
    """The same deployment, this tier's exit as sure as that."""
    tiers = tuple(
        msgspec.structs.replace(one, exit=ExitPolicy(threshold=threshold)) if one.tier == tier else one
        for one in deployment.tiers
    )
    return msgspec.structs.replace(deployment, tiers=tiers)


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def counters(stack: Stack, deployment: Deployment, tier: str) -> dict[str, float]:
    """What the tier's workload has counted, as last reported."""
    with stack.client() as client:
        found = client.deployments.status(deployment.name).workloads
    return next((one.counters for one in found if one.tier == tier), {})


def on_one_cluster(deployment: Deployment, cluster: str = "edge") -> Deployment:
    """Every tier on the same named cluster, as a transaction needs it."""
    tiers = tuple(msgspec.structs.replace(one, cluster=cluster) for one in deployment.tiers)
    return msgspec.structs.replace(deployment, tiers=tiers)


def with_tier(deployment: Deployment, tier: str, /, **changes: Any) -> Deployment:  # noqa: ANN401 - fields of a TierSpec
    """The same deployment, these fields of one tier changed."""

    def changed(one: TierSpec) -> TierSpec:
        return msgspec.structs.replace(one, **changes) if one.tier == tier else one

    return msgspec.structs.replace(deployment, tiers=tuple(changed(one) for one in deployment.tiers))


def undeploy_all(stack: Stack) -> None:
    """So that tests which share a stack leave its agents nothing to do."""
    with stack.client() as client:
        for view in client.deployments.list():
            client.deployments.delete(view.deployment.name)


class Send(Protocol):
    """Sends values at a rate and gives their ids: `Traffic.send` and its like."""

    async def __call__(self, values: Iterable[bytes], *, rate: float | None = None) -> list[bytes]: ...


async def under_load(
    send: Send, images: NDArray[Any], act: Callable[[], Awaitable[None]], *, rate: float = 100.0
) -> list[bytes]:
    """Stream the images, over and over, for as long as `act` takes; the ids of what was sent, in order."""
    done = asyncio.Event()

    async def acting() -> None:
        try:
            await act()
        finally:
            done.set()

    values = (image.tobytes() for image in takewhile(lambda _: not done.is_set(), cycle(images)))
    ids, _ = await asyncio.gather(send(values, rate=rate), acting())
    return ids


async def members(cluster: Cluster, group: str) -> Sequence[str]:
    """The client ids of a consumer group; none while it rebalances."""
    async with admin(cluster) as client:
        (response,) = await client.describe_consumer_groups([group])
    (description,) = response.to_object()["groups"]
    stable = description["state"] == "Stable"
    return sorted(one["client_id"] for one in description["members"]) if stable else ()


async def until_members(cluster: Cluster, group: str, *nodes: str, deadline_s: float = 40.0) -> None:
    """Until exactly these nodes make up the group."""
    wanted = sorted(f"fogline-{node}" for node in nodes)
    async with asyncio.timeout(deadline_s):
        while await members(cluster, group) != wanted:  # noqa: ASYNC110 - a broker announces no rebalance
            await asyncio.sleep(LOOK_EVERY_S)


async def until(condition: Callable[[], object], *, deadline_s: float = 30.0) -> None:
    """For what only another program knows. The condition may block: it is asked in a thread."""
    async with asyncio.timeout(deadline_s):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(LOOK_EVERY_S)
