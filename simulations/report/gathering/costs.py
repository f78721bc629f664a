"""What it cost: bytes, processors, memory, and what the measuring itself added."""

from simulations.report.content import Section, Table
from simulations.report.gathering.source import Source
from simulations.report.numbers import with_unit


def section(source: Source) -> Section | None:
    tables = (
        _table(source, "links", "Links", "Bytes as they crossed the shaper, Kafka's own included.", "link_"),
        _table(
            source,
            "shaper",
            "The shaper's own error",
            "How much later than due it let bytes go, the worst of both ends; it is part of each response time above.",
            "shaper_",
        ),
        _table(source, "programs", "Processors and memory", "Mean use, and the most memory held.", "cpu.", "memory."),
        _table(source, "lag", "Records waiting in the logs", "", "lag_"),
        _table(
            source,
            "load",
            "The load itself",
            "How late the clients were, and how much they offered.",
            "client_",
            "offered",
        ),
    )
    items = tuple(table for table in tables if table)
    return Section(title="What it cost", items=items) if items else None


def everything(source: Source) -> Section:
    rows = tuple(
        (source.labels[cell.index], name, source.unit(name), estimate)
        for cell in source.cells
        for name in source.names("")
        if (estimate := source.estimate(cell.index, name))
    )
    table = Table(
        name="everything",
        title=f"{len(rows):,} figures with their 95 % intervals",
        columns=("cell", "figure", "unit", "value"),
        rows=rows,
        folded=True,
    )
    return Section(title="Everything", items=(table,))


def _table(source: Source, name: str, title: str, caption: str, *prefixes: str) -> Table | None:
    """A row a cell; a row a figure where that is narrower."""
    names = source.names(*prefixes)
    if not names:
        return None
    cells = [cell.index for cell in source.cells]
    if len(names) <= len(cells):
        columns = ("cell", *(with_unit(_said(one), source.unit(one)) for one in names))
        rows = tuple((source.labels[cell], *(source.estimate(cell, one) for one in names)) for cell in cells)
    else:
        columns = ("", *(source.labels[cell] for cell in cells))
        rows = tuple(
            (with_unit(_said(one), source.unit(one)), *(source.estimate(cell, one) for cell in cells)) for one in names
        )
    return Table(name=name, title=title, caption=caption, columns=columns, rows=rows)


def _said(name: str) -> str:
    return name.replace("_", " ").replace(".", " ")
