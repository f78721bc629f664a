"""The report as a person reads it: on a terminal, and as Markdown. Pure but for the printing."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table as RichTable

from simulations.bench.report import Better, Figure, Machine, Measured, Part, Report
from simulations.bench.statistics import Spread

COLUMNS = ("figure", "name", "median", "spread", "must", "aim", "reached", "made of")


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
    return "must" if measured.reaches_must else "MISSED"


def part(one: Part) -> str:
    return f"{one.name} {with_unit(one.spread.median, one.unit)} ({interval(one.spread)})"


def row(one: Measured) -> tuple[str, ...]:
    figure = one.figure
    return (
        figure.title,
        figure.name,
        with_unit(one.spread.median, figure.unit),
        interval(one.spread),
        bound(figure, figure.must),
        bound(figure, figure.aim),
        verdict(one),
        "; ".join(map(part, one.parts)),
    )


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
        f"load average before {report.load_before:.2g}."
    )


def markdown(report: Report) -> str:
    parts = [machine(report)]
    if report.figures:
        parts.append("\n".join(_markdown_rows(COLUMNS, [row(one) for one in report.figures])))
    for one in report.tables:
        parts += [one.title, "\n".join(_markdown_rows(one.columns, one.rows))]
    return "\n\n".join(parts) + "\n"


def _markdown_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for cells in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def print_to(console: Console, report: Report) -> None:
    console.print(machine(report), style="dim")
    if report.figures:
        console.print(_rich("Figures", COLUMNS, [row(one) for one in report.figures], missed=verdict_column()))
    for one in report.tables:
        console.print(_rich(one.title, one.columns, one.rows))


def verdict_column() -> int:
    return COLUMNS.index("reached")


def _rich(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, missed: int | None = None) -> RichTable:
    table = RichTable(*columns, title=title, title_justify="left")
    for cells in rows:
        is_bad = missed is not None and cells[missed] == "MISSED"
        table.add_row(*cells, style="bold red" if is_bad else None)
    return table
