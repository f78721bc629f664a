"""What happened from moment to moment where nothing broke: response times, answers, what waited in the logs."""

from simulations.report.content import Section
from simulations.report.gathering.faults import FIRST, timeline
from simulations.report.gathering.latency import compared_cells
from simulations.report.gathering.source import Source

CHARTS = 3


def section(source: Source) -> Section | None:
    """Of a few cells; those with faults have a section of their own."""
    broken = {cell.index for cell in source.cells if cell.experiment.faults}
    beside = compared_cells(source)
    shown = [index for index, _ in beside.cells if index not in broken][:CHARTS]
    charts = tuple(timeline(source, index, name=f"meanwhile-{index}", title="Over time") for index in shown)
    return Section(title="Over time", text=(FIRST,), items=charts) if charts else None
