"""The nodes that may take part in a federation: what each says of itself, and how the coordinator sees it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controlplane.clock import timestamp
from controlplane.federation_demands import participant_demand
from controlplane.federations import Federated
from controlplane.fleet import Fleet, Node, Obstacle
from controlplane.staleness import PENDING, share_phase
from controlplane.world import Placed
from shared.documents import Phase, WorkloadStatus
from shared.documents.federation_workloads import FederationProgress, ParticipantStanding, SiteView

_NO_KEY = (
    "it tells no key to sign its updates with, so that none would be believed: name a policy in its `federation_policy`"
)
_GONE = "it is not invited any more, or was removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A node as placement sees it; `last_seen` by the wall clock, `since` by the steady one: when it has been in the
    phase that it told last. `share`: the participant's, where it lies there."""

    node: Node
    last_seen: float | None
    status: WorkloadStatus | None
    share: Placed | None
    since: float | None
    is_stale: bool


def sites(one: Federated, seen: Sequence[Seen], progress: FederationProgress, *, now: float) -> tuple[SiteView, ...]:
    """`seen`: those that are invited; last come those that took part and are not any more. `now` is steady."""
    standings = {standing.name: standing for standing in progress.participants}
    obstacles = _obstacles(one, [site.node for site in seen])
    there = [_site(one, site, obstacles, standings.pop(site.node.name, None), now) for site in seen]
    gone = [
        SiteView(node=name, phase=Phase.STOPPED.value, reason="" if one.is_over else _GONE, standing=standing)
        for name, standing in standings.items()
    ]
    return (*there, *gone)


def _site(
    one: Federated, site: Seen, obstacles: Mapping[str, str], standing: ParticipantStanding | None, now: float
) -> SiteView:
    phase, reason = _phase(one, site, obstacles, now)
    if not reason and not site.node.facts.public_key and not one.is_over:
        reason = _NO_KEY
    return SiteView(
        node=site.node.name,
        phase=phase,
        reason=reason,
        last_seen=None if site.last_seen is None else timestamp(site.last_seen),
        counters=site.status.counters if site.status else {},
        standing=standing,
    )


def _phase(one: Federated, site: Seen, obstacles: Mapping[str, str], now: float) -> tuple[str, str]:
    if one.is_over:
        return Phase.STOPPED.value, ""
    if site.share is None:
        return PENDING, obstacles.get(site.node.name, "it is not placed there yet")
    if site.status is not None and site.status.phase is Phase.FINISHED and not site.is_stale:
        return site.status.phase.value, site.status.reason
    return share_phase(
        site.share,
        site.status,
        is_stale=site.is_stale,
        phase_since=site.since,
        start_deadline_s=one.wanted.start_deadline_s,
        now=now,
    )


def _obstacles(one: Federated, nodes: Sequence[Node]) -> dict[str, str]:
    """By node, why it is not given the part; whatever else lies there is not looked at."""
    demand = participant_demand(one)
    look = Fleet(nodes).look(demand)
    return {
        name: obstacle.value.format(kind=demand.kind, needs=demand.needs)
        for obstacle, names in look.obstacles.items()
        for name in names
    } | {name: Obstacle.MEMORY.value for name in look.able if one.wanted.memory_bytes}
