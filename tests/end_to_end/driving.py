"""What end-to-end tests do with a stack."""

from urllib.parse import urlsplit

import msgspec

from shared.documents import Deployment, DeploymentStatus, ExitPolicy
from simulations.stack import Stack


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
