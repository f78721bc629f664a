"""How long records took: distributions, curves over what was swept, the headline table."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

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
from simulations.report.gathering.cells import Swept, setting
from simulations.report.gathering.source import Source
from simulations.report.numbers import with_unit

LINES = 7
RESPONSE = Axis(label="response time", unit="ms")
THROUGHPUT = Axis(label="throughput", unit="records/s", log=False)
PANELS = (("latency_mean", "mean"), ("latency_p50", "p50"), ("latency_p99", "p99"))
HEADLINES = (
    "latency_mean", "latency_p50", "latency_p90", "latency_p95", "latency_p99", "latency_p99.9", "throughput",
    "accuracy", "sent", "lost", "doubled", "dead_lettered",
)  # fmt: skip
DUE = "From the moment a record was due, whether or not its client could send it then, to its first answer."


def section(source: Source) -> Section:
    curves = [chart for one in source.swept for chart in _curves(source, one)]
    return Section(title="Response time", text=(DUE,), items=(headline(source), *_distributions(source), *curves))


def throughput(source: Source) -> Section | None:
    charts = [chart for one in source.swept for chart in _throughput(source, one)]
    return Section(title="Throughput", items=tuple(charts)) if charts else None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Indices and labels of at most `LINES` cells to lay beside each other; `note` says which, where some are left
    out."""

    cells: tuple[tuple[int, str], ...]
    note: str = ""


def compared_cells(source: Source) -> Beside:
    """All; where they are too many, those with the most of what was swept, called as in the curves over it."""
    every = tuple((cell.index, source.labels[cell.index]) for cell in source.cells)
    if len(every) <= LINES:
        return Beside(cells=every)
    if not source.swept:
        return Beside(cells=every[:LINES], note=f"{len(every) - LINES} cells are left out; all are in the tables.")
    first = min(source.swept, key=lambda one: len(one.series))
    far = max(first.values.values())
    cells = tuple((index, first.others[index]) for index, value in first.values.items() if value == far)
    return Beside(cells=cells[:LINES], note=f"Of the cells, those with {setting(first.axis.label, f'{far:g}')}.")


def _distributions(source: Source) -> Iterator[Distributions]:
    beside = compared_cells(source)
    series = tuple(Distribution(label=label, repetitions=_latencies(source, index)) for index, label in beside.cells)
    if series:
        yield Distributions(
            name="response-time",
            title="Distribution of response times",
            caption="All repetitions together; the shade holds each single one. Lost records never arrive, so a curve "
            f"with losses ends below 100 %. Thin: fewer than ten records are slower. {beside.note}".rstrip(),
            axis=RESPONSE,
            series=series,
        )


def _latencies(source: Source, cell: int) -> tuple[NDArray[np.float64], ...]:
    return tuple(latencies_ms(counted(one.records)) for one in source.tables.repetitions(cell))


def _curves(source: Source, swept: Swept) -> Iterator[Curves]:
    """Nothing where each series would have one point."""
    if swept.is_line:
        panels = tuple(_panel(source, swept, name, title) for name, title in PANELS)
        yield _over(swept, f"latency-by-{swept.name}", RESPONSE, panels)


def _throughput(source: Source, swept: Swept) -> Iterator[Curves]:
    """Over a load, what was offered stands beside what was answered."""
    if not swept.is_line:
        return
    panel = _panel(source, swept, "throughput", "")
    offered = _series(source, swept, swept.series[0], "offered")
    if swept.paths[0].startswith("load.") and len(offered.points) > 1:
        panel = replace(panel, series=(*panel.series, replace(offered, label="offered", reference=True)))
    yield _over(swept, f"throughput-by-{swept.name}", THROUGHPUT, (panel,))


def _over(swept: Swept, name: str, axis: Axis, panels: tuple[Panel, ...]) -> Curves:
    left_out = len(swept.series) - len(swept.series[:LINES])
    values = [point.y.value for panel in panels for series in panel.series for point in series.points]
    captions = ["Bars are 95 % intervals over repetitions."]
    if math.inf in values:
        captions.append("A hollow arrow at the edge: so many records were lost that there is no bound.")
    if left_out:
        captions.append(f"{left_out} series are left out; all are in the tables.")
    title, caption = f"{axis.label.capitalize()} by {swept.axis.label}", " ".join(captions)
    return Curves(name=name, title=title, caption=caption, x=swept.axis, y=axis, panels=panels)


def _panel(source: Source, swept: Swept, name: str, title: str) -> Panel:
    return Panel(title=title, series=tuple(_series(source, swept, label, name) for label in swept.series[:LINES]))


def _series(source: Source, swept: Swept, label: str, name: str) -> Series:
    places = sorted((swept.values[index], index) for index, other in swept.others.items() if other == label)
    found = ((x, source.estimate(index, name)) for x, index in places)
    return Series(label=label, points=tuple(Point(x=x, y=estimate) for x, estimate in found if estimate))


def _short(name: str) -> str:
    return name.removeprefix("latency_").replace("_", " ")
