"""One pass over everything: rollouts, placement, workload documents. Pure; the scheduler writes down what differs."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from controlplane import placement, rollout, runnable, workloads
from controlplane.placement import Demand, Key, Node
from controlplane.rollout import Rollout, VersionRef
from shared.documents import (
    Cluster,
    Deployment,
    LoadedVersion,
    ModelVersion,
    Phase,
    TierSpec,
    Unplaced,
    WorkloadStatus,
    digest,
    encode,
)

Share = tuple[str, str, str]
"""(deployment, tier, node)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    deployment: Deployment
    rollout: Rollout


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A share as it is written down; `since` is when it got this revision, in seconds since the epoch."""

    deployment: str
    tier: str
    node: str
    revision: str
    since: float

    @property
    def share(self) -> Share:
        return self.deployment, self.tier, self.node


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything a pass may look at. `status_of(node, workload id)` is what the node said last."""

    now: float
    retention_s: float
    nodes: Sequence[Node]
    desired: Sequence[Desired]
    models: Mapping[VersionRef, ModelVersion]
    clusters: Mapping[str, Cluster]
    placed: Sequence[Placed]
    status_of: Callable[[str, str], WorkloadStatus | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`shares` gives each share the revision of its workload; `documents` are the workloads by revision."""

    rollouts: Mapping[str, Rollout]
    shares: Mapping[Share, str]
    documents: Mapping[str, bytes]
    unplaced: Mapping[str, tuple[Unplaced, ...]]


def compute(world: World) -> Schedule:
    rollouts = _advance(world)
    demands = [_demand(world, one.deployment, index, rollouts) for one in world.desired for index in _indices(one)]
    held: dict[Key, set[str]] = defaultdict(set)
    for one in world.placed:
        held[one.deployment, one.tier].add(one.node)
    placements = placement.place(demands, world.nodes, {key: frozenset(names) for key, names in held.items()})
    shares, documents = _documents(world, rollouts, placements.nodes)
    unplaced: dict[str, tuple[Unplaced, ...]] = defaultdict(tuple)
    for short in placements.shortages:
        unplaced[short.deployment] += (Unplaced(tier=short.tier, missing=short.missing, reason=short.reason),)
    return Schedule(rollouts=rollouts, shares=shares, documents=documents, unplaced=unplaced)


def runs(status: WorkloadStatus | None, placed: Placed, versions: Sequence[str] = ()) -> bool:
    """Whether the node says that it runs this very document, with at least these versions loaded."""
    return (
        status is not None
        and status.phase is Phase.RUNNING
        and status.revision == placed.revision
        and set(versions) <= set(status.versions)
    )


def _indices(desired: Desired) -> range:
    return range(len(desired.deployment.tiers))


def _advance(world: World) -> dict[str, Rollout]:
    placed: dict[Key, list[Placed]] = defaultdict(list)
    for one in world.placed:
        placed[one.deployment, one.tier].append(one)
    return {
        one.deployment.name: rollout.advance(
            one.rollout,
            uppers_loaded=one.rollout.is_finished or _uppers_loaded(world, one, placed),
            still_made=_still_made(world, one, placed),
            now=world.now,
            retention_s=world.retention_s,
        )
        for one in world.desired
    }


def _uppers_loaded(world: World, desired: Desired, placed: Mapping[Key, Sequence[Placed]]) -> bool:
    """Every upper tier is placed and every node of it has loaded what it was given, the target among it."""
    name, target = desired.deployment.name, desired.rollout.target.id
    for tier in desired.deployment.tiers[1:]:
        shares = placed.get((name, tier.tier), ())
        id_ = workloads.workload_id(name, tier.tier)
        if not shares or not all(runs(world.status_of(one.node, id_), one, [target]) for one in shares):
            return False
    return True


def _still_made(world: World, desired: Desired, placed: Mapping[Key, Sequence[Placed]]) -> set[VersionRef]:
    """Retained versions that a node of the first tier has, or may have: one that has not said comes from anywhere."""
    retained = {one.version for one in desired.rollout.retained}
    if not retained:
        return set()
    name, first = desired.deployment.name, desired.deployment.tiers[0].tier
    id_ = workloads.workload_id(name, first)
    made: set[VersionRef] = set()
    for one in placed.get((name, first), ()):
        status = world.status_of(one.node, id_)
        made |= {ref for ref in retained if status is None or not status.versions or ref.id in status.versions}
    return made


def _versions(world: World, tier: TierSpec, index: int, current: Rollout) -> list[ModelVersion]:
    """The versions this tier needs now; an old one of a network without such a tier has no features for it."""
    refs = rollout.first_tier_versions(current) if index == 0 else rollout.upper_tier_versions(current)
    models = [world.models[ref] for ref in refs if ref in world.models]
    having = [model for model in models if model.manifest.sub_model(tier.tier)]
    return having or [world.models[current.target]]


def _demand(world: World, deployment: Deployment, index: int, rollouts: Mapping[str, Rollout]) -> Demand:
    tier = deployment.tiers[index]
    versions = _versions(world, tier, index, rollouts[deployment.name])
    can: dict[tuple[str, ...], bool] = {}

    def can_run(backends: tuple[str, ...]) -> bool:
        if backends not in can:
            can[backends] = _load(versions, tier, backends) is not None
        return can[backends]

    return Demand(deployment=deployment.name, spec=tier, stale_after_s=deployment.stale_after_s, can_run=can_run)


def _load(
    versions: Sequence[ModelVersion], tier: TierSpec, backends: tuple[str, ...]
) -> tuple[LoadedVersion, ...] | None:
    """Each version with the artifact for these backends; None where one of them cannot be run."""
    loaded = []
    for model in versions:
        sub_model = model.manifest.sub_model(tier.tier)
        artifacts = sub_model.artifacts if sub_model else ()
        artifact = runnable.choose(artifacts, precision=tier.precision, backends=backends, wanted=tier.backend)
        if artifact is None:
            return None
        loaded.append(workloads.loaded_version(model, tier.tier, artifact))
    return tuple(loaded)


def _documents(
    world: World, rollouts: Mapping[str, Rollout], nodes: Mapping[Key, tuple[str, ...]]
) -> tuple[dict[Share, str], dict[str, bytes]]:
    """One document for each tier and each set of backends, however many nodes share it."""
    backends = {node.name: node.facts.backends for node in world.nodes}
    shares: dict[Share, str] = {}
    documents: dict[str, bytes] = {}
    for one in world.desired:
        for index, tier in enumerate(one.deployment.tiers):
            versions = _versions(world, tier, index, rollouts[one.deployment.name])
            revisions: dict[tuple[str, ...], str] = {}
            for node in nodes[one.deployment.name, tier.tier]:
                if backends[node] not in revisions:
                    loaded = _load(versions, tier, backends[node])
                    workload = workloads.build(one.deployment, index, loaded or (), world.clusters)
                    revisions[backends[node]] = digest(workload)
                    documents[digest(workload)] = encode(workload)
                shares[one.deployment.name, tier.tier, node] = revisions[backends[node]]
    return shares, documents
