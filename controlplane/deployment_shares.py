"""What deployments want of the nodes: their rollouts, a demand for each tier, and its workload. Pure."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from controlplane import rollout, runnable, workloads
from controlplane.fleet import Demand, Key
from controlplane.rollout import Rollout, VersionRef
from controlplane.world import Desired, Placed, World, runs
from shared.documents import INFERENCE, Deployment, InferenceWorkload, LoadedVersion, ModelVersion, TierSpec

_NEEDS = "backend for this: install one there, or register an artifact it can run"

Backends = tuple[str, ...]


def advance(world: World) -> dict[str, Rollout]:
    placed: dict[Key, list[Placed]] = defaultdict(list)
    for one in world.placed:
        placed[one.owner, one.part].append(one)
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


def demands(world: World, rollouts: Mapping[str, Rollout]) -> list[Demand]:
    return [_demand(world, *place, rollouts) for place in _tiers(world)]


def builders(world: World, rollouts: Mapping[str, Rollout]) -> dict[Key, Callable[[Backends], InferenceWorkload]]:
    """What makes the workload of each tier for a node with these backends, which must be able to run it."""
    return {
        (workloads.owner(deployment.name), deployment.tiers[index].tier): partial(
            _build, world, deployment, index, rollouts
        )
        for deployment, index in _tiers(world)
    }


def _tiers(world: World) -> list[tuple[Deployment, int]]:
    return [(one.deployment, index) for one in world.desired for index in range(len(one.deployment.tiers))]


def _uppers_loaded(world: World, desired: Desired, placed: Mapping[Key, Sequence[Placed]]) -> bool:
    """Every upper tier is placed and every node of it has loaded what it was given, the target among it."""
    name, target = desired.deployment.name, desired.rollout.target.id
    for tier in desired.deployment.tiers[1:]:
        shares = placed.get((workloads.owner(name), tier.tier), ())
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
    for one in placed.get((workloads.owner(name), first), ()):
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
    can: dict[Backends, bool] = {}

    def can_run(backends: Backends) -> bool:
        if backends not in can:
            can[backends] = _load(versions, tier, backends) is not None
        return can[backends]

    return Demand(
        owner=workloads.owner(deployment.name),
        part=tier.tier,
        kind=INFERENCE,
        labels=tier.wanted_labels,
        replicas=tier.replicas,
        memory_bytes=tier.memory_bytes,
        stale_after_s=deployment.stale_after_s,
        can_run=can_run,
        needs=_NEEDS,
    )


def _build(
    world: World, deployment: Deployment, index: int, rollouts: Mapping[str, Rollout], backends: Backends
) -> InferenceWorkload:
    tier = deployment.tiers[index]
    loaded = _load(_versions(world, tier, index, rollouts[deployment.name]), tier, backends)
    return workloads.build(deployment, index, loaded or (), world.clusters)


def _load(versions: Sequence[ModelVersion], tier: TierSpec, backends: Backends) -> tuple[LoadedVersion, ...] | None:
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
