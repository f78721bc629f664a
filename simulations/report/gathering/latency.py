"""How long records took: distributions, curves over what was swept, the headline table."""

from collections.abc import Iterator

import numpy as np

from simulations.measurement.measures import counted, latencies_ms
from simulations.report.content import (
    Axis,
    Curves,
    Distribution,
    Distributions,
    Panel,
    Point,
    Section,
    Series,
    Table,
)
from simulations.report.gathering.cells import Swept
from simulations.report.gathering.source import Source
from simulations.report.numbers import with_unit

LINES = 7
RESPONSE = Axis(label="response time", unit="ms")
HEADLINES = (
    "latency_mean", "latency_p50", "latency_p90", "latency_p95", "latency_p99", "latency_p99.9", "throughput",
    "accuracy", "sent", "lost", "doubled", "dead_lettered",
)  # fmt: skip
DUE = "From the moment a record was due, whether or not its client could send it then, to its first answer."


def section(source: Source) -> Section:
    """The CDFs of the cells that are compared best: all, or those at the far end of what was swept."""
    curves = [chart for one in source.swept for chart in _over(source, one, "latency", _PANELS, RESPONSE)]
    return Section(title="Response time", text=(DUE,), items=(headline(source), *_distributions(source), *curves))


def throughput(source: Source) -> Section | None:
    axis = Axis(label="throughput", unit="records/s", log=False)
    panels = (("throughput", ""),)
    charts = [chart for one in source.swept for chart in _over(source, one, "throughput", panels, axis)]
    return Section(title="Throughput", items=tuple(charts)) if charts else None


_PANELS = (("latency_mean", "mean"), ("latency_p50", "p50"), ("latency_p99", "p99"))


def headline(source: Source) -> Table:
    names = [name for name in HEADLINES if any((cell.index, name) in source.found for cell in source.cells)]
    return Table(
        name="headline",
        title="The cells",
        caption="In brackets 95 % intervals over repetitions. Counts are means of a repetition, warm-up included.",
        columns=("cell", *(with_unit(_short(name), source.unit(name)) for name in names)),
        rows=tuple(
            (source.labels[cell.index], *(source.estimate(cell.index, name) for name in names)) for cell in source.cells
        ),
    )


def compared_cells(source: Source) -> tuple[tuple[int, str], ...]:
    """Indices and labels of at most `LINES` cells to lay beside each other."""
    if len(source.cells) <= LINES or not source.swept:
        return tuple((cell.index, source.labels[cell.index]) for cell in source.cells)[:LINES]
    first = min(source.swept, key=lambda one: len(one.series))
    far = max(first.values.values())
    return tuple((index, source.labels[index]) for index, value in first.values.items() if value == far)[:LINES]


def _distributions(source: Source) -> Iterator[Distributions]:
    chosen = compared_cells(source)
    series = tuple(Distribution(label=label, repetitions=_latencies(source, index)) for index, label in chosen)
    if series:
        left_out = len(source.cells) - len(series)
        yield Distributions(
            name="response-time",
            title="Distribution of response times",
            caption="All repetitions together; the shade holds each single one. Lost records never arrive, so a curve "
            "with losses ends below 100 %. Thin: fewer than ten records are slower."
            + (f" {left_out} cells are left out; all are in the tables." if left_out else ""),
            axis=RESPONSE,
            series=series,
        )


def _latencies(source: Source, cell: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    return tuple(latencies_ms(counted(one.records)) for one in source.tables.repetitions(cell))


def _over(source: Source, swept: Swept, what: str, panels: tuple[tuple[str, str], ...], axis: Axis) -> Iterator[Curves]:
    """Nothing where each series would have one point."""
    labels = swept.series[:LINES]
    if len(swept.values) == len(swept.series):
        return
    left_out = len(swept.series) - len(labels)
    yield Curves(
        name=f"{what}-by-{swept.name}",
        title=f"{axis.label.capitalize()} by {swept.axis.label}",
        caption="Bars are 95 % intervals over repetitions; a hollow arrow at the edge: so many were lost that there is "
        "no bound." + (f" {left_out} series are left out; all are in the tables." if left_out else ""),
        x=swept.axis,
        y=axis,
        panels=tuple(
            Panel(title=title, series=tuple(_series(source, swept, label, name) for label in labels))
            for name, title in panels
        ),
    )


def _series(source: Source, swept: Swept, label: str, name: str) -> Series:
    places = sorted((swept.values[index], index) for index, other in swept.others.items() if other == label)
    found = ((x, source.estimate(index, name)) for x, index in places)
    return Series(label=label, points=tuple(Point(x=x, y=estimate) for x, estimate in found if estimate))


def _short(name: str) -> str:
    return name.removeprefix("latency_").replace("_", " ")
