"""What people are shown of a profiling. Pure."""

from collections.abc import Callable

from controlplane.clock import Times, timestamp
from controlplane.profile_demands import workload_id
from controlplane.profiles import Profile
from shared.documents import WorkloadStatus
from shared.documents.profile import ProfileView, TierProgress

StatusOf = Callable[[str, str], WorkloadStatus | None]


def profile_view(profile: Profile, status_of: StatusOf, times: Times) -> ProfileView:
    """`status_of(node, workload id)` is what the node said last."""
    return ProfileView(
        profiling=profile.wanted,
        state=profile.state,
        reason=profile.reason,
        tiers=tuple(_tier(profile, one.tier, status_of) for one in profile.wanted.tiers),
        segments=profile.segments,
        created_at=timestamp(profile.created_at),
        ended_at=None if profile.ended_at is None else timestamp(profile.ended_at),
        deadline=timestamp(times.wall + profile.deadline - times.steady) if profile.is_measuring else None,
    )


def _tier(profile: Profile, tier: str, status_of: StatusOf) -> TierProgress:
    node, times = profile.nodes.get(tier), profile.times.get(tier)
    if times is not None or not profile.is_measuring:
        return TierProgress(tier=tier, node=node, times=times)
    if node is None:
        return TierProgress(tier=tier, reason=profile.waits.get(tier, ""))
    status = status_of(node, workload_id(profile.name, tier))
    reason = f"{node} has not begun" if status is None else status.reason
    return TierProgress(tier=tier, node=node, reason=reason)
