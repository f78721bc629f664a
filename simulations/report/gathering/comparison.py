"""This run against another one: what differs by more than chance."""

import math

from simulations.measurement.figures import Comparison, compared
from simulations.measurement.statistics import Interval
from simulations.report.content import Difference, Differences, Estimate, Section, Table, TableCell
from simulations.report.gathering.source import Source, scale

DRAWN = ("latency_mean", "latency_p50", "latency_p99", "throughput", "accuracy")
ROWS = 40
HIGHER = ("throughput", "accuracy")
LOWER = (
    "latency",
    "part.",
    "lost",
    "doubled",
    "dead_lettered",
    "degraded",
    "cpu.",
    "memory.",
    "link_",
    "lag_",
    "shaper_",
)


def section(source: Source, other: Source) -> Section:
    """Cells are held against those of the same place in the other run's file."""
    found = compared(other.tables, source.tables, seed=source.seed)
    same = sum(one.same for one in found)
    text = (
        f"{same} of {len(found)} figures have 0 in the 95 % interval of their difference. Both runs' repetitions are "
        "drawn independently; the test permutes repetitions between the runs, and its probabilities are corrected for "
        "the number of figures after Holm."
    )
    if source.file.digest != other.file.digest:
        text += " The two experiment files are not the same: cells are compared by their place."
    return Section(title="Against the other run", text=(text,), items=(*_chart(source, found), _table(source, found)))


def lower_is_better(name: str) -> bool | None:
    if name.startswith(HIGHER):
        return False
    return True if name.startswith(LOWER) else None


def _chart(source: Source, found: tuple[Comparison, ...]) -> tuple[Differences, ...]:
    rows = [one for one in found if one.name in DRAWN and math.isfinite(one.relative.value)]
    left_out = len(rows) - ROWS
    if not rows:
        return ()
    return (
        Differences(
            name="against",
            title="What differs",
            caption="Points left of 0: less in this run. Grey: 0 lies in the interval."
            + (f" The last {left_out} are left out; all are in the table." if left_out > 0 else ""),
            rows=tuple(_difference(source, one) for one in rows[:ROWS]),
        ),
    )


def _difference(source: Source, one: Comparison) -> Difference:
    factor, unit = scale(one.name, one.unit)
    return Difference(
        label=f"{source.labels.get(one.cell, one.cell)}: {one.name.replace('_', ' ')}",
        unit=unit,
        this=_scaled(one.second, factor),
        other=_scaled(one.first, factor),
        relative=_scaled(one.relative, 1.0),
        p=one.corrected,
        lower_is_better=lower_is_better(one.name),
    )


def _table(source: Source, found: tuple[Comparison, ...]) -> Table:
    return Table(
        name="compared",
        title=f"All {len(found):,} figures of both runs",
        columns=("cell", "figure", "unit", "this run", "the other", "difference", "p", "p corrected"),
        rows=tuple(_row(source, one) for one in found),
        folded=True,
    )


def _row(source: Source, one: Comparison) -> tuple[TableCell, ...]:
    factor, unit = scale(one.name, one.unit)
    this, other, between = (_scaled(each, factor) for each in (one.second, one.first, one.difference))
    label = source.labels.get(one.cell, str(one.cell))
    return (label, one.name, unit, this, other, between, one.probability, one.corrected)


def _scaled(one: Interval, factor: float) -> Estimate:
    low, high = (None if end is None else end * factor for end in (one.low, one.high))
    return Estimate(value=one.value * factor, low=low, high=high)
