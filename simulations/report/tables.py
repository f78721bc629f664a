"""The numbers behind a chart as a table, for those who want to read them instead of the picture. Pure."""

import numpy as np

from simulations.report.content import (
    Chart,
    Curves,
    Differences,
    Distribution,
    Distributions,
    Estimate,
    Stacks,
    Table,
    TableCell,
    Timeline,
    Trade,
)
from simulations.report.numbers import p_value, percent, with_unit

PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9)


def numbers_of(chart: Chart) -> Table | None:
    """None for a timeline: its numbers are too many to be read."""
    match chart:
        case Distributions():
            return _of_distributions(chart)
        case Curves():
            return _of_curves(chart)
        case Stacks():
            return _of_stacks(chart)
        case Differences():
            return _of_differences(chart)
        case Trade():
            return _of_trade(chart)
        case Timeline():
            return None


def _table(chart: Chart, columns: tuple[str, ...], rows: list[tuple[TableCell, ...]]) -> Table:
    return Table(name=f"{chart.name}-numbers", title=chart.title, columns=columns, rows=tuple(rows), folded=True)


def _of_distributions(chart: Distributions) -> Table:
    """Percentiles of all records together; one that fewer than one record exceeds is left out."""
    names = tuple(f"p{share:g}" for share in PERCENTILES)
    columns = (with_unit(chart.axis.label, chart.axis.unit), "records", "repetitions", *names, "greatest")
    return _table(chart, columns, [_percentiles(one) for one in chart.series])


def _percentiles(found: Distribution) -> tuple[TableCell, ...]:
    together = np.concatenate([np.empty(0), *found.repetitions])
    values = (
        float(np.percentile(together, share, method="inverted_cdf")) if together.size * (100 - share) >= 100 else None
        for share in PERCENTILES
    )
    greatest = float(together.max()) if together.size else None
    return (found.label, int(together.size), len(found.repetitions), *values, greatest)


def _of_curves(chart: Curves) -> Table:
    x, y = with_unit(chart.x.label, chart.x.unit), with_unit(chart.y.label, chart.y.unit)
    rows: list[tuple[TableCell, ...]] = [
        (panel.title, series.label, point.x, point.y)
        for panel in chart.panels
        for series in panel.series
        for point in series.points
    ]
    return _table(chart, ("panel", "series", x, y), rows)


def _of_stacks(chart: Stacks) -> Table:
    rows: list[tuple[TableCell, ...]] = [
        (group.title, bar.label, *bar.parts, bar.total) for group in chart.groups for bar in group.bars
    ]
    return _table(chart, ("", with_unit(chart.axis.label, chart.axis.unit), *chart.parts, "whole"), rows)


def _of_trade(chart: Trade) -> Table:
    rows: list[tuple[TableCell, ...]] = [
        (with_unit(facet.y.label, facet.y.unit), series.label, point.x, point.y)
        for facet in chart.facets
        for series in facet.series
        for point in series.points
    ]
    return _table(chart, ("quantity", "line", with_unit(chart.x.label, chart.x.unit), "value"), rows)


def _of_differences(chart: Differences) -> Table:
    rows: list[tuple[TableCell, ...]] = [
        (one.label, one.unit, one.this, one.other, _relative(one.relative), p_value(one.p)) for one in chart.rows
    ]
    return _table(chart, ("figure", "unit", "this run", "the other", "difference", "test"), rows)


def _relative(found: Estimate) -> str:
    if found.interval is None:
        return percent(found.value)
    low, high = found.interval
    return f"{percent(found.value)} [{percent(low)}, {percent(high)}]"
