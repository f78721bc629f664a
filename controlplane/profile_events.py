"""What there is to tell of a profiling. Pure."""

from controlplane.profiles import Profile
from controlplane.store.events import Happened
from shared.documents.profile import ProfileState


def told(before: Profile, after: Profile) -> list[Happened]:
    subject = f"profile/{after.name}"
    timed = [
        Happened("profile_tier_timed", subject, {"tier": tier, "node": after.nodes.get(tier, "")})
        for tier in after.times
        if tier not in before.times
    ]
    if after.state is before.state:
        return timed
    if after.state is ProfileState.FAILED:
        return [*timed, Happened("profile_failed", subject, {"reason": after.reason})]
    return [*timed, Happened("profile_finished", subject, {"run": after.wanted.run})]
