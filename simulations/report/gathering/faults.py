"""What the records felt while something broke."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from simulations.experiment.document import Fault, FaultKind
from simulations.measurement.columns import Columns
from simulations.measurement.measures import latencies_ms
from simulations.report.content import Axis, Mark, Section, Strip, Timeline, Trace
from simulations.report.gathering.source import Source

Floats = NDArray[np.float64]
BINS, FEW_BINS, ENOUGH = 240, 20, 10
STEPS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
FIRST = "The first repetition of each cell. Time begins when the first record was due."
ENDS = {FaultKind.RESTART, FaultKind.MEND, FaultKind.RESUME}


def section(source: Source) -> Section | None:
    charts = tuple(
        timeline(
            source, cell.index, name=f"faults-{cell.index}", title="Faults under load", faults=cell.experiment.faults
        )
        for cell in source.cells
        if cell.experiment.faults
    )
    return Section(title="Faults", text=(FIRST,), items=charts) if charts else None


def marks(faults: Sequence[Fault]) -> tuple[Mark, ...]:
    """In the order of time; what is undone later on the same target lasts until then."""
    ordered = sorted(faults, key=lambda one: one.at)
    return tuple(_mark(one, ordered[place + 1 :]) for place, one in enumerate(ordered))


def _mark(fault: Fault, later: Sequence[Fault]) -> Mark:
    good = fault.kind in {*ENDS, FaultKind.SWAP} or (fault.kind is FaultKind.SLOW and fault.factor <= 1)
    end = next((float(one.at) for one in later if one.on == fault.on), None)
    times = f" {fault.factor:g} times" if fault.kind is FaultKind.SLOW else ""
    return Mark(at=float(fault.at), label=f"{fault.kind} {fault.on}{times}", until=None if good else end, good=good)


def timeline(source: Source, cell: int, *, name: str, title: str, faults: Sequence[Fault] = ()) -> Timeline:
    """Of the first repetition of a cell."""
    tables = source.tables.repetitions(cell)[0]
    records = tables.records
    began_us = float(records["due_us"].min())
    last_us = float(np.nanmax([records["due_us"].max(), np.nanmax(records["answered_us"], initial=began_us)]))
    edges = bins((last_us - began_us) / 1e6, len(records["due_us"]))
    return Timeline(
        name=name,
        title=f"{title}: {source.labels[cell]}",
        caption=f"Each point is {edges[1] - edges[0]:g} s. A gap: nothing that was due then was ever answered.",
        strips=tuple(_strips(records, tables.lag, began_us, edges)),
        marks=marks(faults),
    )


def bins(seconds: float, records: int) -> Floats:
    """Edges from 0, of a width that people count in and that holds enough records, where that leaves enough bins."""
    wanted = max(seconds / BINS, min(seconds * ENOUGH / max(1, records), seconds / FEW_BINS))
    width = next((step for step in STEPS_S if step >= wanted), STEPS_S[-1])
    return np.arange(0, max(seconds, width) + width, width)


def _strips(records: Columns, lag: Columns, began_us: float, edges: Floats) -> Iterator[Strip]:
    middle, width = edges[:-1] + np.diff(edges) / 2, edges[1] - edges[0]
    due_s = (records["due_us"] - began_us) / 1e6
    quantiles = {
        name: _by_bin(due_s, latencies_ms(records), edges, share) for name, share in (("p50", 0.5), ("p99", 0.99))
    }
    traces = tuple(Trace(label=name, at_s=middle, values=values) for name, values in quantiles.items())
    yield Strip(axis=Axis(label="response", unit="ms"), traces=traces)
    answered = (records["answered_us"] - began_us) / 1e6
    rate = np.histogram(answered[~np.isnan(answered)], edges)[0] / width
    yield Strip(
        axis=Axis(label="answers", unit="/s", log=False), traces=(Trace(label="answers", at_s=middle, values=rate),)
    )
    if len(lag["at_us"]):
        yield Strip(axis=Axis(label="lag", unit="records", log=False), traces=tuple(lags(lag, began_us, edges)))


def _by_bin(at_s: Floats, values: Floats, edges: Floats, share: float) -> Floats:
    """NaN where a bin holds nothing, or the quantile is a lost record."""
    place = np.digitize(at_s, edges) - 1
    found = np.full(len(edges) - 1, np.nan)
    for bin_ in np.unique(place[(place >= 0) & (place < len(found))]):
        value = np.quantile(values[place == bin_], share, method="inverted_cdf")
        found[bin_] = value if np.isfinite(value) else np.nan
    return found


def lags(lag: Columns, began_us: float, edges: Floats) -> Iterator[Trace]:
    """Each look; of many looks the most in each bin."""
    for tier in dict.fromkeys(lag["tier"].tolist()):
        here = lag["tier"] == tier
        at_s, values = (lag["at_us"][here] - began_us) / 1e6, lag["records"][here].astype(np.float64)
        if len(at_s) > BINS:
            at_s, values = edges[:-1] + np.diff(edges) / 2, _by_bin(at_s, values, edges, 1.0)
        yield Trace(label=f"at {tier}", at_s=at_s, values=values)
