"""What is not well, and why: one line each. Pure."""

from collections.abc import Iterable, Iterator

import msgspec

from shared.client import missing
from shared.documents import DeploymentStatus, NodeState, NodeView, Phase, WorkloadStatus
from shared.documents.federation_workloads import COORDINATOR, PARTICIPANT, FederationState, FederationView

# What such a workload does at the moment is its reason: it is well all the same.
_TELLS_WHAT_IT_DOES = (COORDINATOR, PARTICIPANT)


class Unwell(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    reason: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The document of `fogline status`."""

    url: str
    nodes: tuple[NodeView, ...]
    deployments: tuple[DeploymentStatus, ...]
    unwell: tuple[Unwell, ...]


def overview(
    url: str,
    nodes: Iterable[NodeView],
    deployments: Iterable[DeploymentStatus],
    federations: Iterable[FederationView] = (),
) -> Overview:
    nodes, deployments = tuple(nodes), tuple(deployments)
    return Overview(
        url=url,
        nodes=nodes,
        deployments=deployments,
        unwell=(
            *_deployments(deployments),
            *_federations(federations),
            *(one for node in nodes for one in _node(node)),
        ),
    )


def _deployments(statuses: Iterable[DeploymentStatus]) -> Iterator[Unwell]:
    for status in statuses:
        if not status.ready:
            yield Unwell(subject=f"deployment {status.name}", reason=missing(status))


def _federations(views: Iterable[FederationView]) -> Iterator[Unwell]:
    for view in views:
        if view.state in (FederationState.WAITING, FederationState.FAILED):
            yield Unwell(subject=f"federation {view.federation.name}", reason=view.reason or view.state.value)


def _node(node: NodeView) -> Iterator[Unwell]:
    subject = f"node {node.name}"
    if node.state is NodeState.STALE:
        yield Unwell(subject=subject, reason=f"not heard from since {node.last_seen or 'it enrolled'}")
    if node.needs_confirmation:
        yield Unwell(
            subject=subject,
            reason=f"has seen generation {node.highest_generation}, the control plane is at {node.generation}: "
            f"`fogline nodes confirm {node.name}` once you know why",
        )
    for one in node.workloads:
        where = f"{subject}, {one.id}"
        if one.phase is Phase.FAILED:
            yield Unwell(subject=where, reason=one.reason or "failed")
        elif one.reason and not _is_at_work(one):
            yield Unwell(subject=where, reason=f"{one.phase.value}: {one.reason}")
        if one.uplink != "up":
            yield Unwell(subject=where, reason=f"its uplink is {one.uplink}")


def _is_at_work(one: WorkloadStatus) -> bool:
    return one.kind in _TELLS_WHAT_IT_DOES and one.phase in (Phase.RUNNING, Phase.FINISHED)
