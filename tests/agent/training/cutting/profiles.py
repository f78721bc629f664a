"""Random profiles, and every cutting of one counted out: what the recursions are held against.

Written from the words of the contract alone: nothing here is taken from the code under test but its documents.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
from random import Random
from typing import Any

from hypothesis import strategies as st

from agent.training.cutting.network import Cut, Head, Link, Network, Profile, Segment, TierProfile
from shared.documents.codec import decode, encode

SHARES = (0.0, 0.1, 0.25, 0.3, 0.7, 1.0)


@st.composite
def profiles(draw: st.DrawFn, *, is_whole: bool = False) -> Profile:
    """`is_whole`: every segment was measured and fits, and no tier must run, so that every way is open.

    Up to seven cuts and four tiers. Hundreds of times are too much for hypothesis: they come of one number it draws.
    """
    cuts, tiers = draw(st.integers(0, 7)), draw(st.integers(1, 4))
    return profile(Random(draw(st.integers(0, 2**32))), cuts=cuts, tiers=tiers, is_whole=is_whole)


def profile(random: Random, *, cuts: int, tiers: int, is_whole: bool) -> Profile:
    names = [f"layer-{number}" for number in range(1, cuts + 1)]
    exits = [name for name in names if random.random() < 0.7]
    return Profile(
        network=Network(
            input_bytes=_size_of(random),
            cuts=tuple(
                Cut(name=name, features_bytes=_size_of(random), exit=f"{name}-exit" if name in exits else None)
                for name in names
            ),
        ),
        tiers=tuple(_tier(random, f"tier-{number}", names, exits, is_whole) for number in range(tiers)),
        links=tuple(_link(random) for _ in range(tiers - 1)),
        alive=dict(zip(exits, sorted(random.choices(SHARES, k=len(exits)), reverse=True), strict=True)),
    )


def _tier(random: Random, name: str, cuts: list[str], exits: list[str], is_whole: bool) -> TierProfile:
    places = [None, *cuts, None]
    spans = [(start, end) for end in range(1, len(places)) for start in range(end)]
    # Most are measured, or hardly a network could be cut at all.
    least = 0.0 if is_whole else 0.15
    return TierProfile(
        name=name,
        segments=tuple(
            Segment(after=places[start], until=places[end], time_s=_time(random), parameters_bytes=_parameters(random))
            for start, end in spans
            if random.random() >= least
        ),
        heads=tuple(
            Head(cut=cut, time_s=_time(random), parameters_bytes=_parameters(random))
            for cut in exits
            if random.random() >= least
        ),
        memory_bytes=None if is_whole or random.random() < 0.5 else random.randint(2, 12) * 1000,
        nodes=random.randint(1, 3),
        can_be_left_out=is_whole or random.random() < 0.8,
    )


# Few different numbers: equals must occur, or nothing is learnt of how they are told apart.
def _time(random: Random) -> float:
    return random.randint(0, 20) / 1000


def _parameters(random: Random) -> int:
    return random.randint(0, 6) * 1000


def _size_of(random: Random) -> int:
    return random.randint(0, 9) * 100


def _link(random: Random) -> Link:
    return Link(bytes_per_s=random.choice([1e4, 1e5, 3e5, 1e6]), fixed_s=_time(random) * 2, lines=random.randint(1, 2))


EXAMPLE: dict[str, Any] = {
    "network": {
        "input_bytes": 3000,
        "cuts": [
            {"name": "pool1", "features_bytes": 400, "exit": "edge-exit"},
            {"name": "pool2", "features_bytes": 100, "exit": "fog-exit"},
        ],
    },
    "tiers": [
        {
            "name": "edge",
            "memory_bytes": 50_000,
            "segments": [
                {"until": "pool1", "time_s": 0.002, "parameters_bytes": 20_000},
                {"until": "pool2", "time_s": 0.020, "parameters_bytes": 60_000},
            ],
            "heads": [{"cut": "pool1", "time_s": 0.001}, {"cut": "pool2", "time_s": 0.001}],
        },
        {
            "name": "fog",
            "segments": [{"after": "pool1", "until": "pool2", "time_s": 0.008}],
            "heads": [{"cut": "pool2", "time_s": 0.001}],
        },
        {
            "name": "cloud",
            "segments": [
                {"time_s": 0.006},
                {"after": "pool1", "time_s": 0.004},
                {"after": "pool2", "time_s": 0.002},
            ],
        },
    ],
    "links": [{"bytes_per_s": 100_000, "fixed_s": 0.005}, {"bytes_per_s": 1_000_000, "fixed_s": 0.01}],
    "alive": {"pool1": 0.25, "pool2": 0.2},
}


def example(**changes: object) -> Profile:
    return decode(encode(EXAMPLE | changes), Profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One cutting: `until` as `evaluate` wants it; `link_bytes` and busy times by station."""

    until: dict[str, str | None]
    seconds: float
    link_bytes: list[float]
    busy: list[float]

    @property
    def bytes(self) -> float:
        return sum(self.link_bytes)

    @property
    def busiest(self) -> float:
        return max(self.busy)


def all_cuttings(profile: Profile) -> list[Counted]:
    """Every vector of positions, one a tier, that never goes down and ends at the output, less the impossible ones."""
    end = len(profile.network.cuts) + 1
    lower = combinations_with_replacement(range(end + 1), len(profile.tiers) - 1)
    counted = (_count(profile, (0, *positions, end)) for positions in lower)
    return [one for one in counted if one is not None]


def _count(profile: Profile, positions: tuple[int, ...]) -> Counted | None:
    share, seconds = 1.0, 0.0
    link_bytes: list[float] = []
    busy: list[float] = []
    until: dict[str, str | None] = {}
    for index, (start, end) in enumerate(pairwise(positions)):
        tier = profile.tiers[index]
        if start == end and not tier.can_be_left_out:
            return None
        if end > start:
            took = _part_s(profile, tier, start, end)
            if took is None:
                return None
            seconds += share * took
            busy.append(share * took / tier.nodes)
            until[tier.name] = None if end > len(profile.network.cuts) else profile.network.cuts[end - 1].name
            share = _alive(profile, end, share)
        if index < len(profile.links):
            link, size = profile.links[index], _size(profile, end)
            link_bytes.append(share * size)
            busy.append(share * size / link.bytes_per_s / link.lines)
            seconds += share * (size / link.bytes_per_s + link.fixed_s)
    return Counted(until=until, seconds=seconds, link_bytes=link_bytes, busy=busy)


def _part_s(profile: Profile, tier: TierProfile, start: int, end: int) -> float | None:
    names = [None, *(cut.name for cut in profile.network.cuts), None]
    for segment in tier.segments:
        if (segment.after, segment.until) == (names[start], names[end]):
            break
    else:
        return None
    took, parameters_bytes = segment.time_s, segment.parameters_bytes
    if end <= len(profile.network.cuts) and profile.network.cuts[end - 1].exit is not None:
        head = next((head for head in tier.heads if head.cut == names[end]), None)
        if head is None:
            return None
        took, parameters_bytes = took + head.time_s, parameters_bytes + head.parameters_bytes
    return took if tier.memory_bytes is None or parameters_bytes <= tier.memory_bytes else None


def _alive(profile: Profile, position: int, share: float) -> float:
    if position > len(profile.network.cuts):
        return 0.0
    return profile.alive.get(profile.network.cuts[position - 1].name, share)


def _size(profile: Profile, position: int) -> int:
    sizes = [profile.network.input_bytes, *(cut.features_bytes for cut in profile.network.cuts), 0]
    return sizes[position]
