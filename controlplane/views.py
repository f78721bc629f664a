"""What people are shown of nodes and deployments, made from what is stored and what is heard. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from controlplane.clock import timestamp
from controlplane.rollout import Rollout
from controlplane.staleness import node_state, share_phase
from controlplane.store.deployments import StoredDeployment
from controlplane.store.nodes import StoredNode
from controlplane.workloads import workload_id
from controlplane.world import Placed, runs
from shared.documents import (
    Deployment,
    DeploymentPlan,
    DeploymentStatus,
    DeploymentView,
    NodeState,
    NodeView,
    Phase,
    WorkloadStatus,
    WorkloadView,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """When a node was last heard from: by the wall clock for people, and how long ago by the monotonic one."""

    last_seen: float | None
    silent_for_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`now`, and when this process `started`, by the steady clock."""

    now: float
    started: float
    stale_after_s: float

    def past(self, since: float) -> float:
        """What lies ahead was stored before the clock was set back: it is at least as old as this process."""
        return since if since <= self.now else self.started


def node_view(node: StoredNode, heard: Heard, moment: Moment) -> NodeView:
    return NodeView(
        name=node.name,
        labels=node.labels,
        state=state_of(node, heard, moment),
        last_seen=None if heard.last_seen is None else timestamp(heard.last_seen),
        generation=node.generation,
        observed_generation=node.observed_generation,
        highest_generation=node.highest_generation,
        needs_confirmation=node.needs_confirmation,
        facts=node.facts,
        workloads=node.decoded_statuses(),
    )


def state_of(node: StoredNode, heard: Heard, moment: Moment) -> NodeState:
    return node_state(
        last_seen=heard.last_seen,
        silent_for_s=heard.silent_for_s,
        draining=node.draining,
        stale_after_s=moment.stale_after_s,
    )


def deployment_view(stored: StoredDeployment) -> DeploymentView:
    return DeploymentView(
        deployment=stored.deployment,
        etag=stored.etag,
        created_at=timestamp(stored.created_at),
        updated_at=timestamp(stored.updated_at),
    )


def deployment_plan(stored: StoredDeployment, placed: Sequence[Placed], *, changed: bool) -> DeploymentPlan:
    version = stored.rollout.target
    return DeploymentPlan(
        name=stored.deployment.name,
        version=version.version,
        changed=changed,
        placements=tuple(
            WorkloadView(node=one.node, tier=one.part, phase="planned", versions=(version.id,))
            for one in _in_order(stored.deployment, placed)
        ),
        unplaced=stored.unplaced,
    )


def deployment_status(
    stored: StoredDeployment,
    placed: Sequence[Placed],
    nodes: Mapping[str, tuple[StoredNode, Heard]],
    phases: Mapping[tuple[str, str], float],
    moment: Moment,
) -> DeploymentStatus:
    """`phases` is since when each (node, workload) has been in its phase."""
    first = stored.deployment.tiers[0].tier
    views = [
        _share(stored.deployment, one, *nodes[one.node], phases, moment) for one in _in_order(stored.deployment, placed)
    ]
    views = [_with_rollout(view, stored, views, first, moment) for view in views]
    return DeploymentStatus(
        name=stored.deployment.name,
        version=stored.rollout.target.version,
        ready=bool(views)
        and not stored.unplaced
        and stored.rollout.is_finished
        and all(view.applied and view.phase == Phase.RUNNING.value for view in views),
        workloads=tuple(views),
        unplaced=stored.unplaced,
    )


def _in_order(deployment: Deployment, placed: Sequence[Placed]) -> list[Placed]:
    """From the sensor upwards."""
    order = [tier.tier for tier in deployment.tiers]
    return sorted(placed, key=lambda one: (order.index(one.part), one.node))


def _share(
    deployment: Deployment,
    placed: Placed,
    node: StoredNode,
    heard: Heard,
    phases: Mapping[tuple[str, str], float],
    moment: Moment,
) -> WorkloadView:
    id_ = workload_id(deployment.name, placed.part)
    said: WorkloadStatus | None = next((one for one in node.decoded_statuses() if one.id == id_), None)
    phase_since = phases.get((node.name, id_))
    phase, reason = share_phase(
        replace(placed, since=moment.past(placed.since)),
        said,
        is_stale=state_of(node, heard, moment) is NodeState.STALE,
        phase_since=None if phase_since is None else moment.past(phase_since),
        start_deadline_s=deployment.start_deadline_s,
        now=moment.now,
    )
    if node.needs_confirmation:
        reason = (
            f"the node saw a later generation than is stored here: confirm its generation{reason and f' ({reason})'}"
        )
    return WorkloadView(
        node=placed.node,
        tier=placed.part,
        phase=phase,
        reason=reason,
        versions=said.versions if said else (),
        threshold=said.threshold if said else None,
        applied=runs(said, placed),
        last_seen=None if heard.last_seen is None else timestamp(heard.last_seen),
        counters=said.counters if said else {},
    )


def _with_rollout(
    view: WorkloadView, stored: StoredDeployment, views: Sequence[WorkloadView], first: str, moment: Moment
) -> WorkloadView:
    """A first tier that has not switched yet says what it waits for, and when that has become too long."""
    rollout: Rollout = stored.rollout
    if view.tier != first or rollout.is_finished or view.reason:
        return view
    waiting = [
        f"{one.node} ({one.tier})" for one in views if one.tier != first and rollout.target.id not in one.versions
    ]
    reason = (
        f"keeps {rollout.serving.id} until {', '.join(waiting) or 'the tiers above'} have loaded {rollout.target.id}"
    )
    if moment.now - moment.past(rollout.since) > stored.deployment.start_deadline_s:
        reason += f": overdue since {stored.deployment.start_deadline_s:g} s after the change; see their reasons"
    return msgspec.structs.replace(view, reason=reason)
