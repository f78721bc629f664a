"""What a cell cost: bytes of each link, what the shaper added, processors, memory, records that waited in the logs."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from simulations.measurement.columns import Columns, chosen
from simulations.measurement.estimators import Floats, Ratio
from simulations.measurement.measures import Measure
from simulations.measurement.run_folder import Tables


def machine_measures(repetitions: Sequence[Tables]) -> Iterator[Measure]:
    """Of all that happened in a repetition, its warm-up too: a link does not know whose bytes it carries."""
    yield from _link_measures(repetitions)
    programs = _named([one.resources for one in repetitions], "program")
    for name, resources in programs.items():
        yield _mean(f"cpu.{name}", "cores", resources, _cores)
        yield _mean(f"memory.{name}", "bytes", resources, lambda one: float(one["rss_bytes"].max()))
    for name, lag in _named([one.lag for one in repetitions], "tier").items():
        yield _mean(f"lag_mean.{name}", "records", lag, lambda one: float(one["records"].mean()))
        yield _mean(f"lag_max.{name}", "records", lag, lambda one: float(one["records"].max()))


def _link_measures(repetitions: Sequence[Tables]) -> Iterator[Measure]:
    sent = np.array([len(one.records["id"]) for one in repetitions], dtype=np.float64)
    for link, both in _named([one.links for one in repetitions], "link").items():
        for direction, rows in _named(both, "direction").items():
            name = f"{link}.{direction}"
            carried = np.array([float(one["bytes"].sum()) for one in rows])
            yield _mean(f"link_bytes.{name}", "bytes", rows, lambda one: float(one["bytes"].sum()))
            yield Measure(name=f"link_bytes_a_record.{name}", unit="bytes", estimator=Ratio(carried, sent))
            yield _mean(f"link_stalls.{name}", "stalls", rows, lambda one: float(one["stalls"].sum()))
            yield _mean(f"shaper_error_p50.{name}", "ms", rows, lambda one: float(one["error_p50_us"].max()) / 1e3)
            yield _mean(f"shaper_error_p99.{name}", "ms", rows, lambda one: float(one["error_p99_us"].max()) / 1e3)


def _named(tables: Sequence[Columns], column: str) -> dict[str, list[Columns]]:
    """The repetitions' tables by what stands in `column`; one is empty where a repetition has none of it."""
    names = dict.fromkeys(name for one in tables for name in one[column].tolist())
    return {name: [chosen(one, one[column] == name) for one in tables] for name in names}


def _mean(name: str, unit: str, tables: Sequence[Columns], number: Callable[[Columns], float]) -> Measure:
    """Over the repetitions that have any."""
    seen = np.array([float(len(one["cell"]) > 0) for one in tables])
    found: Floats = np.array([number(one) if len(one["cell"]) else 0.0 for one in tables], dtype=np.float64)
    return Measure(name=name, unit=unit, estimator=Ratio(found, seen))


def _cores(resources: Columns) -> float:
    """Processor seconds a second. A program that was started again begins at 0: only what grew is counted."""
    order = np.argsort(resources["at_us"], kind="stable")
    used, at_us = resources["cpu_s"][order], resources["at_us"][order]
    grown = np.diff(used)
    seconds = float(at_us[-1] - at_us[0]) / 1e6
    return float(np.where(grown < 0, used[1:], grown).sum()) / seconds if seconds else 0.0
