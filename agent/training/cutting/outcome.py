"""What a cutting of the network costs, split by tier and link; and the others it was compared with.

All times and bytes of a part or a crossing are of one record on average over all that the sensor sends: the share that
comes there has been multiplied in. They add up to the whole.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import fsum

from agent.training.cutting.network import Profile
from agent.training.cutting.recursion import Way
from agent.training.cutting.table import Run, Table
from shared.documents.types import Message
from shared.errors import DocumentError


class Part(Message, frozen=True, kw_only=True):
    """What one tier runs: the layers above `after` (None: from the input) up to `until` (None: to the output).

    `share` of all records come to it; `segment_s` and `head_s` are of one of those.
    """

    tier: str
    after: str | None
    until: str | None
    exit: str | None
    share: float
    segment_s: float
    head_s: float
    expected_s: float
    busy_s: float


class Crossing(Message, frozen=True, kw_only=True):
    """What crosses the link from `lower` to `upper`: `share` of all records, `record_bytes` each."""

    lower: str
    upper: str
    share: float
    record_bytes: int
    expected_bytes: float
    expected_s: float
    busy_s: float

    @property
    def link(self) -> str:
        return f"{self.lower} to {self.upper}"


class Cutting(Message, frozen=True, kw_only=True):
    """Parts and crossings from the sensor on, without the tiers that run nothing and the links that nothing can cross.

    `busiest` is the tier, or the link as `edge to fog`, that is the first to be fully busy as the load grows: at
    `records_per_s`, None where no station takes any time.
    """

    parts: tuple[Part, ...]
    crossings: tuple[Crossing, ...]
    expected_s: float
    expected_bytes: float
    busiest: str
    records_per_s: float | None

    @property
    def cuts(self) -> tuple[str, ...]:
        """The layers after which the network is cut."""
        return tuple(part.until for part in self.parts if part.until is not None)

    @property
    def tiers(self) -> tuple[str, ...]:
        return tuple(part.tier for part in self.parts)


class Comparison(Message, frozen=True, kw_only=True):
    """The best cutting, the next ones in order, and the best of those that use one tier, two tiers and so on."""

    best: Cutting
    runners_up: tuple[Cutting, ...]
    by_tiers_used: tuple[Cutting, ...]


def compared(table: Table, found: Mapping[int, list[Way]], *, keep: int) -> Comparison:
    """`found`: for each number of tiers used the best ways, the best first; not empty."""
    first, *others = sorted(way for ways in found.values() for way in ways)[:keep]
    return Comparison(
        best=cutting(table, first.ends),
        runners_up=tuple(cutting(table, way.ends) for way in others),
        by_tiers_used=tuple(cutting(table, ways[0].ends) for _, ways in sorted(found.items())),
    )


def evaluate(profile: Profile, until: Mapping[str, str | None]) -> Cutting:
    """The costs of one given cutting: the tiers used, each with the cut its part ends at, None for the output.

    Raises DocumentError where that is no cutting of this network, or a part of it was not measured or does not fit.
    """
    table = Table(profile)
    unknown = set(until) - {tier.name for tier in table.tiers}
    if unknown:
        raise DocumentError(f"no tier is called {min(unknown)!r}", field="tiers")
    ends: list[int] = []
    for tier in table.tiers:
        below = ends[-1] if ends else 0
        ends.append(_position(table, until[tier.name]) if tier.name in until else below)
        if tier.name in until and ends[-1] <= below:
            raise DocumentError(f"tier {tier.name!r} would run no layer", field="tiers")
    _check(table, ends)
    return cutting(table, tuple(ends))


def _position(table: Table, cut: str | None) -> int:
    if cut is None:
        return table.end
    if cut not in table.names:
        raise DocumentError(f"no cut is called {cut!r}", field="network.cuts")
    return table.names.index(cut)


def _check(table: Table, ends: list[int]) -> None:
    for tier, (start, end) in zip(table.tiers, pairwise((0, *ends)), strict=True):
        if end == start and not tier.can_be_left_out:
            raise DocumentError(f"tier {tier.name!r} must run a part", field="tiers")
        obstacle = tier.obstacle(start, end) if end > start else None
        if obstacle:
            raise DocumentError(f"{table.place(start, end)} on tier {tier.name!r} {obstacle}", field="tiers")
    if ends[-1] != table.end:
        raise DocumentError("no tier runs the network to its output", field="tiers")


def cutting(table: Table, ends: tuple[int, ...]) -> Cutting:
    """`ends`: a way's positions, one a tier, each possible."""
    parts: list[Part] = []
    crossings: list[Crossing] = []
    share = 1.0
    for index, (start, end) in enumerate(pairwise((0, *ends))):
        if end > start:
            run = next(run for run in table.tiers[index].runs(start) if run.end == end)
            parts.append(_part(table, index, start, run, share))
            share = table.alive(end, share)
        if end < table.end:
            crossings.append(_crossing(table, index, end, share))
    return _whole(tuple(parts), tuple(crossings))


def _part(table: Table, index: int, start: int, run: Run, share: float) -> Part:
    load = table.part(index, run, share)
    return Part(
        tier=table.tiers[index].name,
        after=table.names[start],
        until=table.names[run.end],
        exit=table.exits[run.end],
        share=share,
        segment_s=run.segment_s,
        head_s=run.head_s,
        expected_s=load.seconds,
        busy_s=load.busy_s,
    )


def _crossing(table: Table, link: int, position: int, share: float) -> Crossing:
    load = table.crossing(link, position, share)
    return Crossing(
        lower=table.tiers[link].name,
        upper=table.tiers[link + 1].name,
        share=share,
        record_bytes=table.sizes[position],
        expected_bytes=load.bytes,
        expected_s=load.seconds,
        busy_s=load.busy_s,
    )


def _whole(parts: tuple[Part, ...], crossings: tuple[Crossing, ...]) -> Cutting:
    busy = [(part.busy_s, part.tier) for part in parts] + [(one.busy_s, one.link) for one in crossings]
    busy_s, busiest = max(busy, key=lambda station: station[0])
    return Cutting(
        parts=parts,
        crossings=crossings,
        expected_s=fsum([*(part.expected_s for part in parts), *(crossing.expected_s for crossing in crossings)]),
        expected_bytes=fsum(crossing.expected_bytes for crossing in crossings),
        busiest=busiest,
        records_per_s=1 / busy_s if busy_s > 0 else None,
    )
