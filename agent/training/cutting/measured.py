"""From what nodes found to the profile that a cut is chosen by."""

from collections.abc import Mapping

from agent.training.cutting.network import Cut, Head, Link, Network, Profile, Segment, TierProfile
from shared.documents.profile import ExportedSegment, ProfiledTier, Profiling, Segments, TierTimes
from shared.errors import DocumentError

Place = tuple[str | None, str | None, str | None]
"""(after, until, head)."""


def assembled(
    wanted: Profiling, segments: Segments, found: Mapping[str, TierTimes], alive: Mapping[str, float]
) -> Profile:
    """`found`: by tier. `alive`: by exit, see Profile; a head whose share is not known cannot be chosen.

    Raises DocumentError where times or a link are missing.
    """
    parts = {(one.after, one.until, one.head): one for one in segments.segments}
    exits = {one.until: one.head for one in segments.segments if one.until and one.head and one.head in alive}
    cuts = tuple(
        Cut(name=one.until, features_bytes=one.features_bytes, exit=exits.get(one.until))
        for one in segments.segments
        if one.after is None and one.until is not None and one.head is None
    )
    return Profile(
        network=Network(input_bytes=segments.input_bytes, cuts=cuts),
        tiers=tuple(_tier(one, _times(one.tier, found), parts, exits) for one in wanted.tiers),
        links=_links(wanted, found),
        alive={cut: alive[exit] for cut, exit in exits.items()},
    )


def _times(tier: str, found: Mapping[str, TierTimes]) -> TierTimes:
    if tier not in found:
        raise DocumentError(f"tier {tier!r} has no times yet", field="tiers")
    return found[tier]


def _tier(
    wanted: ProfiledTier,
    found: TierTimes,
    parts: Mapping[Place, ExportedSegment],
    exits: Mapping[str, str],
) -> TierProfile:
    timed = [one for one in found.times if (one.after, one.until, one.head) in parts]
    return TierProfile(
        name=wanted.tier,
        segments=tuple(
            Segment(
                after=one.after,
                until=one.until,
                time_s=one.time_s,
                parameters_bytes=parts[one.after, one.until, None].parameters_bytes,
            )
            for one in timed
            if one.head is None
        ),
        heads=tuple(
            Head(cut=one.until, time_s=one.time_s, parameters_bytes=_grown((one.after, one.until, one.head), parts))
            for one in timed
            if one.until is not None and one.head is not None and exits.get(one.until) == one.head
        ),
        memory_bytes=wanted.memory_bytes,
    )


def _grown(place: Place, parts: Mapping[Place, ExportedSegment]) -> int:
    after, until, _ = place
    return max(0, parts[place].parameters_bytes - parts[after, until, None].parameters_bytes)


def _links(wanted: Profiling, found: Mapping[str, TierTimes]) -> tuple[Link, ...]:
    if wanted.links is not None:
        return tuple(Link(bytes_per_s=one.bytes_per_s, fixed_s=one.fixed_s) for one in wanted.links)
    return tuple(_measured(one.tier, found) for one in wanted.tiers[:-1])


def _measured(tier: str, found: Mapping[str, TierTimes]) -> Link:
    link = _times(tier, found).link
    if link is None:
        raise DocumentError(f"the link above tier {tier!r} was not measured", field="links")
    return Link(bytes_per_s=link.bytes_per_s, fixed_s=link.fixed_s)
