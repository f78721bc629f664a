"""What all tables are made of. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

COLOURS = {
    "running": "green",
    "ready": "green",
    "starting": "yellow",
    "draining": "yellow",
    "enrolled": "yellow",
    "stale": "red",
    "failed": "red",
    "waiting": "yellow",
    "finished": "green",
    "cancelled": "yellow",
    "expired": "red",
    "not ready": "red",
}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> RenderableType:
    """`empty` says what to do when there are no rows."""
    rows = list(rows)
    if not rows:
        return Text(empty, style="dim")
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in row))
    return made


def card(pairs: Mapping[str, str]) -> RenderableType:
    made = Table.grid(padding=(0, 2))
    for name, value in pairs.items():
        made.add_row(Text(name, style="dim"), Text(value, style=COLOURS.get(value, "")))
    return made


def labels(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(values.items())) or "-"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def size(count: float) -> str:
    """Bytes in the greatest unit that leaves a number of at least one."""
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    # From there on three digits round to a thousand.
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g} {units[0]}"


def duration(seconds: float) -> str:
    """In the greatest unit that leaves a number of at least one."""
    if seconds >= 999.5:
        return f"{seconds:,.0f} s"
    value, units = seconds * 1e6, ["µs", "ms", "s"]
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g} {units[0]}"


def percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} ms"
