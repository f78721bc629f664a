"""A profiling as it is kept, and what nodes, placement and time make of it. Pure.

    measuring -> finished (every tier has its times)
        +------> failed

Every profiling ends: with its times, by what a node says for good, or at its deadline.
"""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from shared.documents import RunFile, digest
from shared.documents.profile import SEGMENT_FILES, SEGMENTS, ProfileState, Profiling, TierTimes
from shared.errors import DocumentError


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """`segments` and `files` are what the run left behind. By tier: `nodes`, which has it or had it; `waits`, why none
    has it; `times`, what was found.

    `began` by the steady clock, `created_at` and `ended_at` by the wall's, in seconds since the epoch.
    """

    wanted: Profiling
    segments: RunFile
    files: tuple[RunFile, ...]
    state: ProfileState = ProfileState.MEASURING
    reason: str = ""
    nodes: dict[str, str] = {}
    waits: dict[str, str] = {}
    times: dict[str, TierTimes] = {}
    began: float
    created_at: float
    ended_at: float | None = None

    @property
    def name(self) -> str:
        return self.wanted.name

    @property
    def profiling(self) -> str:
        """What a node's times must be of."""
        return digest(self.wanted)

    @property
    def is_measuring(self) -> bool:
        return self.state is ProfileState.MEASURING

    @property
    def missing(self) -> tuple[str, ...]:
        """The tiers that have no times yet."""
        return tuple(one.tier for one in self.wanted.tiers if one.tier not in self.times)

    @property
    def deadline(self) -> float:
        return self.began + self.wanted.deadline_s


def begun(wanted: Profiling, files: tuple[RunFile, ...], *, now: float, wall: float) -> Profile:
    """`files`: of the run. Raises DocumentError where there is nothing to be timed."""
    segments = next((one for one in files if one.name == SEGMENTS), None)
    if segments is None:
        raise DocumentError(
            f"run {wanted.run} left no {SEGMENTS}: name layers in `export.profiled` of its request, and train again",
            field="run",
        )
    parts = tuple(one for one in files if one.name.startswith(SEGMENT_FILES))
    return Profile(wanted=wanted, segments=segments, files=parts, began=now, created_at=wall)


def taken(profile: Profile, said: TierTimes, *, wall: float) -> Profile:
    """What a node found; told again, it changes nothing."""
    if not profile.is_measuring or said.tier in profile.times:
        return profile
    if said.failure:
        return _failed(profile, f"tier {said.tier}: {said.failure}", wall)
    known = replace(profile, times={**profile.times, said.tier: said})
    if known.missing:
        return known
    return replace(known, state=ProfileState.FINISHED, reason="", waits={}, ended_at=wall)


def aged(profile: Profile, *, now: float, wall: float) -> Profile:
    """A clock that was set back while this process was down gives none longer than its deadline from now."""
    if not profile.is_measuring:
        return profile
    if profile.began > now:
        return replace(profile, began=now)
    if now < profile.deadline:
        return profile
    missing = "; ".join(f"{tier} {profile.waits.get(tier) or _under_way(profile, tier)}" for tier in profile.missing)
    return _failed(profile, f"not done within {profile.wanted.deadline_s:,.10g} s: {missing}", wall)


def placed(profile: Profile, nodes: Mapping[str, str], waits: Mapping[str, str]) -> Profile:
    """Where its tiers lie from now on, and why some lie nowhere."""
    if not profile.is_measuring:
        return profile
    known = {tier: node for tier, node in profile.nodes.items() if tier in profile.times}
    return replace(profile, nodes={**known, **nodes}, waits=dict(waits))


def next_change_at(profile: Profile) -> float | None:
    """When time alone changes something, by the steady clock."""
    return profile.deadline if profile.is_measuring else None


def _under_way(profile: Profile, tier: str) -> str:
    return f"is timed on {profile.nodes[tier]}" if tier in profile.nodes else "lies on no node"


def _failed(profile: Profile, reason: str, wall: float) -> Profile:
    return replace(profile, state=ProfileState.FAILED, reason=reason, waits={}, ended_at=wall)
