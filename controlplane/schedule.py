"""One pass over everything: rollouts, placement, workload documents. Pure; the scheduler writes down what differs."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from controlplane import deployment_shares, placement, workloads
from controlplane.fleet import Key, Shortage
from controlplane.rollout import Rollout
from controlplane.world import Share, World
from shared.documents import Unplaced, Workload, digest, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`shares` gives each share the revision of its workload; `documents` are the workloads by revision."""

    rollouts: Mapping[str, Rollout]
    shares: Mapping[Share, str]
    documents: Mapping[str, bytes]
    unplaced: Mapping[str, tuple[Unplaced, ...]]


def compute(world: World) -> Schedule:
    rollouts = deployment_shares.advance(world)
    demands = deployment_shares.demands(world, rollouts)
    placements = placement.place(demands, world.nodes, _held(world))
    builders = deployment_shares.builders(world, rollouts)
    shares, documents = _documents(world, placements.nodes, builders)
    return Schedule(
        rollouts=rollouts,
        shares=shares,
        documents=documents,
        unplaced={one.deployment.name: _unplaced(one.deployment.name, placements.shortages) for one in world.desired},
    )


def _held(world: World) -> dict[Key, frozenset[str]]:
    held: dict[Key, set[str]] = defaultdict(set)
    for one in world.placed:
        held[one.owner, one.part].add(one.node)
    return {key: frozenset(names) for key, names in held.items()}


def _unplaced(deployment: str, shortages: Sequence[Shortage]) -> tuple[Unplaced, ...]:
    owner = workloads.owner(deployment)
    return tuple(
        Unplaced(tier=one.part, missing=one.missing, reason=one.reason) for one in shortages if one.owner == owner
    )


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
