"""How many times as long: cells that differ in nothing but their names in the sweep's list, over the first of them."""

from simulations.measurement.ratios import CellRatio, ratios
from simulations.report.content import Axis, Curves, Estimate, Panel, Point, Section, Series, Table
from simulations.report.gathering.cells import Swept, beside
from simulations.report.gathering.source import Source

NAMES = {"latency_mean": "mean response time", "latency_p99": "p99 response time"}
LINES = 7
RATIO = Axis(label="ratio", log=False)


def section(source: Source) -> Section | None:
    found = ratios(source.measures, beside(source.cells), tuple(NAMES), seed=source.seed)
    if not found:
        return None
    base = next(cell.name for cell in source.cells)
    text = f"Of each figure, that of the cell over that of {base} under the same load; below 1 is faster."
    curves = tuple(_curves(source, swept, found) for swept in source.swept if swept.is_line)
    return Section(title=f"Against {base}", text=(text,), items=(_table(source, found), *curves))


def _table(source: Source, found: tuple[CellRatio, ...]) -> Table:
    by_pair: dict[tuple[int, int], dict[str, Estimate]] = {}
    for one in found:
        by_pair.setdefault((one.base, one.cell), {})[one.name] = _estimate(one)
    return Table(
        name="ratios",
        title="Ratios",
        caption="In brackets 95 % intervals: the repetitions of both cells are drawn independently.",
        columns=("cell", "over", *NAMES.values()),
        rows=tuple(
            (source.labels[cell], source.labels[base], *(each.get(name) for name in NAMES))
            for (base, cell), each in by_pair.items()
        ),
    )


def _curves(source: Source, swept: Swept, found: tuple[CellRatio, ...]) -> Curves:
    return Curves(
        name=f"ratios-by-{swept.name}",
        title=f"Ratios by {swept.axis.label}",
        caption="Bars are 95 % intervals over repetitions.",
        x=swept.axis,
        y=RATIO,
        panels=tuple(_panel(swept, title, [one for one in found if one.name == name]) for name, title in NAMES.items()),
    )


def _panel(swept: Swept, title: str, found: list[CellRatio]) -> Panel:
    by_series: dict[str, list[Point]] = {}
    for one in found:
        by_series.setdefault(swept.others[one.cell], []).append(Point(x=swept.values[one.cell], y=_estimate(one)))
    series = [Series(label=label, points=tuple(points)) for label, points in by_series.items()][:LINES]
    places = sorted({swept.values[one.cell] for one in found})
    alike = Series(label="as long", points=tuple(Point(x=x, y=Estimate(value=1.0)) for x in places), reference=True)
    return Panel(title=title, series=(*series, alike))


def _estimate(one: CellRatio) -> Estimate:
    return Estimate(value=one.ratio.value, low=one.ratio.low, high=one.ratio.high)
