"""The report as a person reads it: on a terminal, and as Markdown. Pure but for the printing."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table as RichTable

from simulations.bench.report import Better, Figure, Machine, Measured, Report, Table
from simulations.bench.statistics import Spread

COLUMNS = ("figure", "median", "spread", "must", "aim", "reached")
PART_COLUMNS = ("figure", "made of", "median", "spread")
MISSED = "MISSED"


def number(value: float) -> str:
    """Three digits that matter; whole from a hundred on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def with_unit(value: float, unit: str) -> str:
    return f"{number(value)} {unit}" if unit else number(value)


def interval(spread: Spread) -> str:
    return f"{number(spread.low)} to {number(spread.high)}"


def bound(figure: Figure, value: float) -> str:
    sign = "≥" if figure.better is Better.HIGHER else "≤"
    return f"{sign} {with_unit(value, figure.unit)}"


def verdict(measured: Measured) -> str:
    if measured.reaches_aim:
        return "aim"
    return "must" if measured.reaches_must else MISSED


def row(one: Measured) -> tuple[str, ...]:
    figure = one.figure
    return (
        f"{figure.name}: {figure.title}",
        with_unit(one.spread.median, figure.unit),
        interval(one.spread),
        bound(figure, figure.must),
        bound(figure, figure.aim),
        verdict(one),
    )


def part_rows(figures: Sequence[Measured]) -> list[tuple[str, ...]]:
    return [
        (one.figure.name, part.name, with_unit(part.spread.median, part.unit), interval(part.spread))
        for one in figures
        for part in one.parts
    ]


def summary(one: Measured) -> str:
    """One figure in one line."""
    figure = one.figure
    found = f"{with_unit(one.spread.median, figure.unit)} ({interval(one.spread)})"
    return f"{found}, must be {bound(figure, figure.must)}, aim {bound(figure, figure.aim)}"


def machine(report: Report) -> str:
    """Where and how it was measured, in one paragraph."""
    found: Machine = report.machine
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    return (
        f"{found.cpu}, {found.cores} cores, {found.memory_mib / 1024:.1f} GiB, {found.kernel}, Python {found.python}; "
        f"{versions}. {report.began[:10]}, {report.rounds} rounds in {report.seconds / 60:.0f} min, "
        f"{_others(report.cores_elsewhere)}."
    )


def _others(cores: float | None) -> str:
    return "nobody knows what else ran" if cores is None else f"other programs took {number(cores)} cores meanwhile"


def tables(report: Report) -> Iterator[Table]:
    """All of the report as tables, those without bounds last."""
    if report.figures:
        rows = tuple(map(row, report.figures))
        yield Table(name="figures", title="Figures", columns=COLUMNS, rows=rows)
    if parts := part_rows(report.figures):
        yield Table(name="parts", title="What the figures are made of", columns=PART_COLUMNS, rows=tuple(parts))
    yield from report.tables


def markdown(report: Report) -> str:
    parts = [machine(report)]
    for one in tables(report):
        parts += [f"### {one.title}", "\n".join(_markdown_rows(one.columns, one.rows))]
    return "\n\n".join(parts) + "\n"


def _markdown_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for cells in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def print_to(console: Console, report: Report) -> None:
    console.print(machine(report), style="dim", highlight=False)
    for one in tables(report):
        console.print(_rich(one), highlight=False)


def _rich(table: Table) -> RichTable:
    """The first column wraps, the numbers stay whole."""
    made = RichTable(title=table.title, title_justify="left")
    for place, column in enumerate(table.columns):
        made.add_column(column, no_wrap=place > 0 and table.name in {"figures", "parts"})
    for cells in table.rows:
        made.add_row(*cells, style="bold red" if MISSED in cells else None)
    return made
