"""One pass over everything: rollouts, placement, workload documents. Pure; the scheduler writes down what differs."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from controlplane import (
    deployment_shares,
    federation_demands,
    federations,
    placement,
    profile_demands,
    profiles,
    runs,
    training_demands,
    watches,
    workloads,
)
from controlplane.federations import Federated
from controlplane.fleet import Key, Shortage
from controlplane.profiles import Profile
from controlplane.rollout import Rollout
from controlplane.runs import Run
from controlplane.world import Share, World
from shared.documents import Unplaced, Workload, digest, encode
from shared.documents.federation_workloads import COORDINATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`shares` gives each share the revision of its workload; `documents` are the workloads by revision.

    `runs`, `profiles` and `federations` are what became of each of the world; `unwatched` the training requests whose
    announcements nobody reads, and why.
    """

    rollouts: Mapping[str, Rollout]
    shares: Mapping[Share, str]
    documents: Mapping[str, bytes]
    unplaced: Mapping[str, tuple[Unplaced, ...]]
    runs: Sequence[Run] = ()
    unwatched: Mapping[str, str] = field(default_factory=dict)
    profiles: Sequence[Profile] = ()
    federations: Sequence[Federated] = ()


def compute(world: World) -> Schedule:
    rollouts = deployment_shares.advance(world)
    attended = [_attended(world, run) for run in world.runs]
    profiled = [profiles.aged(one, now=world.now, wall=world.wall) for one in world.profiles]
    federated = [_listened_to(world, one) for one in world.federations]
    demands = [
        *deployment_shares.demands(world, rollouts),
        *watches.demands(world.requests, world.clusters),
        *training_demands.demands(attended, world.clusters),
        *profile_demands.demands(profiled, world.clusters),
        *federation_demands.demands(federated, world.clusters),
    ]
    placements = placement.place(demands, world.nodes, _held(world))
    reasons = {(one.owner, one.part): one.reason for one in placements.shortages}
    decided = [_settled(world, run, placements.nodes, reasons) for run in attended]
    seated = [_seated(world, one, placements.nodes, reasons) for one in federated]
    builders: dict[Key, Callable[[tuple[str, ...]], Workload]] = {
        **deployment_shares.builders(world, rollouts),
        **watches.builders(world.requests, world.clusters, world.looked_after),
        **training_demands.builders(decided, world.clusters),
        **profile_demands.builders(profiled, world.clusters),
        **federation_demands.builders(seated, world.clusters, world.nodes),
    }
    shares, documents = _documents(world, placements.nodes, builders)
    return Schedule(
        rollouts=rollouts,
        shares=shares,
        documents=documents,
        unplaced=_unplaced(world, placements.shortages),
        runs=decided,
        unwatched=watches.unwatched(world.requests, world.clusters, reasons),
        profiles=[_located(world, one, placements.nodes, reasons) for one in profiled],
        federations=seated,
    )


def _attended(world: World, run: Run) -> Run:
    """After what its node and the clock say."""
    status = world.status_of(run.node, training_demands.workload_id(run.id)) if run.node else None
    return runs.aged(runs.heard(run, status, wall=world.wall), now=world.now, wall=world.wall)


def _settled(world: World, run: Run, nodes: Mapping[Key, tuple[str, ...]], reasons: Mapping[Key, str]) -> Run:
    """After placement."""
    node = next(iter(nodes.get(training_demands.key(run), ())), None)
    return runs.placed(run, node, training_demands.waits_for(run, world.clusters, reasons), wall=world.wall)


def _located(
    world: World, profile: Profile, nodes: Mapping[Key, tuple[str, ...]], reasons: Mapping[Key, str]
) -> Profile:
    lying = profile_demands.lying(profile, nodes)
    return profiles.placed(profile, lying, profile_demands.waits(profile, lying, world.clusters, reasons))


def _listened_to(world: World, one: Federated) -> Federated:
    """After what its coordinator's node and the clock say."""
    id_ = federation_demands.workload_id(one, COORDINATOR)
    status = world.status_of(one.seated, id_) if one.seated else None
    return federations.aged(federations.heard(one, status, wall=world.wall), now=world.now, wall=world.wall)


def _seated(
    world: World, one: Federated, nodes: Mapping[Key, tuple[str, ...]], reasons: Mapping[Key, str]
) -> Federated:
    """After placement."""
    node = next(iter(nodes.get(federation_demands.key(one, COORDINATOR), ())), None)
    is_silent = any(there.name == node and there.silent_for_s > one.wanted.stale_after_s for there in world.nodes)
    waits = federation_demands.waits_for(one, world.clusters, reasons)
    return federations.placed(one, node, waits, is_silent=is_silent, wall=world.wall)


def _held(world: World) -> dict[Key, frozenset[str]]:
    held: dict[Key, set[str]] = defaultdict(set)
    for one in world.placed:
        held[one.owner, one.part].add(one.node)
    return {key: frozenset(names) for key, names in held.items()}


def _unplaced(world: World, shortages: Sequence[Shortage]) -> dict[str, tuple[Unplaced, ...]]:
    by_owner: dict[str, tuple[Unplaced, ...]] = defaultdict(tuple)
    for one in shortages:
        if one.part:
            by_owner[one.owner] += (Unplaced(tier=one.part, missing=one.missing, reason=one.reason),)
    return {one.deployment.name: by_owner[workloads.owner(one.deployment.name)] for one in world.desired}


def _documents(
    world: World,
    nodes: Mapping[Key, tuple[str, ...]],
    builders: Mapping[Key, Callable[[tuple[str, ...]], Workload]],
) -> tuple[dict[Share, str], dict[str, bytes]]:
    """One document for each share and each set of backends, however many nodes have it."""
    backends = {node.name: node.facts.backends for node in world.nodes}
    shares: dict[Share, str] = {}
    documents: dict[str, bytes] = {}
    for (owner, part), build in builders.items():
        revisions: dict[tuple[str, ...], str] = {}
        for node in nodes[owner, part]:
            if backends[node] not in revisions:
                document = encode(build(backends[node]))
                revisions[backends[node]] = digest(msgspec.Raw(document))
                documents[revisions[backends[node]]] = document
            shares[owner, part, node] = revisions[backends[node]]
    return shares, documents
