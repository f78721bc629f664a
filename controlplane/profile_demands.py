"""What profilings want of the nodes: a demand for each tier without times, and the workload that finds them. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from controlplane.fleet import Demand, Key
from controlplane.profiles import Profile
from shared import topics
from shared.documents import Cluster
from shared.documents.profile import PROFILE, ProfiledTier, ProfileWorkload
from shared.documents.training_workloads import TRAINING


def owner(profile: str) -> str:
    return f"profile/{profile}"


def workload_id(profile: str, tier: str) -> str:
    return f"profile.{profile}.{tier}"


def demands(profiles: Iterable[Profile], clusters: Mapping[str, Cluster]) -> list[Demand]:
    return [_demand(profile, tier) for profile, tier in _wanted(profiles, clusters)]


def builders(
    profiles: Iterable[Profile], clusters: Mapping[str, Cluster]
) -> dict[Key, Callable[[tuple[str, ...]], ProfileWorkload]]:
    """Which backends a node has makes no difference to the workload."""
    return {
        (owner(profile.name), tier.tier): partial(_build, profile, tier.tier, clusters)
        for profile, tier in _wanted(profiles, clusters)
    }


def lying(profile: Profile, nodes: Mapping[Key, tuple[str, ...]]) -> dict[str, str]:
    """By tier, the node that has it now."""
    held = {tier: nodes.get((owner(profile.name), tier), ()) for tier in profile.missing}
    return {tier: those[0] for tier, those in held.items() if those}


def waits(
    profile: Profile, nodes: Mapping[str, str], clusters: Mapping[str, Cluster], shortages: Mapping[Key, str]
) -> dict[str, str]:
    """By tier, why no node has it."""
    reasons = {}
    for tier in profile.missing:
        cluster = profile.wanted.upper_cluster(tier)
        if cluster is not None and cluster not in clusters:
            reasons[tier] = f"waits for cluster {cluster}: there is none of this name, put it"
        elif tier not in nodes:
            reasons[tier] = f"waits for a node: {shortages.get((owner(profile.name), tier), 'none can take it')}"
    return reasons


def _wanted(profiles: Iterable[Profile], clusters: Mapping[str, Cluster]) -> Iterator[tuple[Profile, ProfiledTier]]:
    """What is over wants nothing, and a link to nowhere cannot be measured."""
    for profile in profiles:
        if profile.is_measuring:
            for tier in profile.wanted.tiers:
                cluster = profile.wanted.upper_cluster(tier.tier)
                if tier.tier in profile.missing and (cluster is None or cluster in clusters):
                    yield profile, tier


def _demand(profile: Profile, tier: ProfiledTier) -> Demand:
    return Demand(
        owner=owner(profile.name),
        part=tier.tier,
        kind=PROFILE,
        labels=tier.selector,
        # Beside a training run, or beside another profile, nothing is timed as it is alone.
        slot=TRAINING,
        stale_after_s=profile.wanted.stale_after_s,
        can_run=bool,
        needs="backend: install one there",
    )


def _build(profile: Profile, tier: str, clusters: Mapping[str, Cluster], _backends: tuple[str, ...]) -> ProfileWorkload:
    wanted, cluster = profile.wanted, profile.wanted.upper_cluster(tier)
    return ProfileWorkload(
        id=workload_id(profile.name, tier),
        clusters=() if cluster is None else (clusters[cluster],),
        start_deadline_s=wanted.start_deadline_s,
        profile=profile.name,
        profiling=profile.profiling,
        tier=tier,
        segments=profile.segments,
        files=profile.files,
        cluster=cluster,
        topic="" if cluster is None else topics.profile_topic(profile.name, tier),
        repetitions=wanted.repetitions,
        # All tiers may lie on one node, one after the other; and half of it is for fetching and waiting.
        budget_s=wanted.deadline_s / (2 * len(wanted.tiers)),
    )
