"""Where the time went and where the records left."""

from collections.abc import Iterator

import numpy as np

from simulations.measurement import statistics
from simulations.measurement.estimators import Ratio
from simulations.report.content import Axis, Bar, BarGroup, Estimate, Section, Stacks
from simulations.report.gathering.latency import compared_cells
from simulations.report.gathering.source import Source

KINDS = ("waiting", "computing", "producing", "link")
EXITS = 12


def section(source: Source) -> Section | None:
    items = (*_parts(source), *_exits(source))
    return Section(title="Where the time went", items=items) if items else None


def _parts(source: Source) -> Iterator[Stacks]:
    beside = compared_cells(source)
    groups = tuple(BarGroup(title=label, bars=_bars(source, cell)) for cell, label in beside.cells)
    groups = tuple(group for group in groups if group.bars)
    if groups:
        yield Stacks(
            name="time-by-place",
            title="Mean time of a record by place and part",
            caption="Over all records whose way is known, so that a cell's bars add up to its mean response time; a "
            "record that left earlier spent nothing further up. Link: on the way, and in the log until it was "
            f"acknowledged. Waiting: in the log after that. Lines are 95 % intervals. {beside.note}".rstrip(),
            axis=Axis(label="mean time", unit="ms"),
            parts=KINDS,
            groups=groups,
        )


def _bars(source: Source, cell: int) -> tuple[Bar, ...]:
    by_place: dict[str, dict[str, Ratio]] = {}
    for measure in source.measures[cell]:
        if measure.name.startswith("part.") and isinstance(measure.estimator, Ratio):
            place, kind = measure.name.removeprefix("part.").rsplit(".", 1)
            by_place.setdefault(place, {})[kind] = measure.estimator
    return tuple(_bar(place, kinds, source.seed) for place, kinds in by_place.items())


def _bar(place: str, kinds: dict[str, Ratio], seed: int) -> Bar:
    below = next(iter(kinds.values())).below
    whole = statistics.interval(Ratio(np.sum([one.above for one in kinds.values()], axis=0), below), seed=seed)
    return Bar(
        label=place,
        parts=tuple(statistics.value(kinds[kind]) if kind in kinds else 0.0 for kind in KINDS),
        total=Estimate(value=whole.value, low=whole.low, high=whole.high),
    )


def _exits(source: Source) -> Iterator[Stacks]:
    line = [tier.name for tier in source.file.experiment.tiers]
    found = (name.removeprefix("exit_share.") for name in source.names("exit_share."))
    tiers = tuple(sorted(found, key=lambda tier: line.index(tier) if tier in line else len(line)))
    bars = tuple(
        Bar(label=source.labels[cell.index], parts=_shares(source, cell.index, tiers)) for cell in source.cells[:EXITS]
    )
    if len(tiers) > 1:
        left_out = len(source.cells) - len(bars)
        yield Stacks(
            name="exits",
            title="Where records were answered",
            caption=f"{left_out} cells are left out; all are in the tables." if left_out else "",
            axis=Axis(label="share of answers", unit="%"),
            parts=tiers,
            groups=(BarGroup(title="", bars=bars),),
        )


def _shares(source: Source, cell: int, tiers: tuple[str, ...]) -> tuple[float, ...]:
    found = (source.estimate(cell, f"exit_share.{tier}") for tier in tiers)
    return tuple(one.value if one else 0.0 for one in found)
