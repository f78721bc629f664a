"""The figures of a run with their intervals, and how two runs differ. Same tables and seed, same figures."""

import math
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from simulations.measurement import statistics
from simulations.measurement.machine_measures import machine_measures
from simulations.measurement.measures import Measure, record_measures
from simulations.measurement.run_folder import Tables
from simulations.measurement.statistics import Interval


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """`low` and `high`: 95 % interval over the repetitions, None where there is only one.

    A latency is infinite where so many records were lost that the percentile falls on one of them.
    """

    cell: int
    name: str
    unit: str
    value: float
    low: float | None
    high: float | None
    per_repetition: tuple[float, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`difference` is the second run less the first, `relative` the same over the first, NaN where that is 0.

    `probability` is the permutation test's; `corrected` is after Holm, over all figures of all cells compared.
    """

    cell: int
    name: str
    unit: str
    first: Interval
    second: Interval
    difference: Interval
    relative: Interval
    probability: float
    corrected: float = math.nan

    @property
    def same(self) -> bool:
        """Whether 0 lies in the difference's interval."""
        low, high = self.difference.low, self.difference.high
        return self.difference.value == 0 if low is None or high is None else low <= 0 <= high


def measures(tables: Tables, cell: int) -> tuple[Measure, ...]:
    """Those with a value: a share of no records has none."""
    repetitions = tables.repetitions(cell)
    if not repetitions:
        return ()
    found = (*record_measures(repetitions), *machine_measures(repetitions))
    return tuple(one for one in found if not math.isnan(statistics.value(one.estimator)))


def figures(tables: Tables, *, seed: int) -> tuple[Figure, ...]:
    return tuple(one for cell in tables.cells() for one in figures_of(cell, measures(tables, cell), seed=seed))


def figures_of(cell: int, measured: Iterable[Measure], *, seed: int) -> tuple[Figure, ...]:
    """Of measures made before."""
    return tuple(_figure(cell, one, seed) for one in measured)


def compared(first: Tables, second: Tables, *, seed: int) -> tuple[Comparison, ...]:
    """The figures that both runs have, cell by cell."""
    cells = [cell for cell in first.cells() if cell in second.cells()]
    found = [one for cell in cells for one in _compared_cell(first, second, cell, seed)]
    corrected = statistics.holm([one.probability for one in found])
    return tuple(msgspec.structs.replace(one, corrected=raised) for one, raised in zip(found, corrected, strict=True))


def figure(found: Sequence[Figure], cell: int, name: str) -> Figure | None:
    return next((one for one in found if (one.cell, one.name) == (cell, name)), None)


def _figure(cell: int, measure: Measure, seed: int) -> Figure:
    interval = statistics.interval(measure.estimator, seed=seed)
    return Figure(
        cell=cell,
        name=measure.name,
        unit=measure.unit,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        per_repetition=statistics.per_repetition(measure.estimator),
    )


def _compared_cell(first: Tables, second: Tables, cell: int, seed: int) -> Iterator[Comparison]:
    others = {one.name: one for one in measures(second, cell)}
    for one in measures(first, cell):
        if one.name in others:
            yield _comparison(cell, one, others[one.name], seed)


def _comparison(cell: int, one: Measure, other: Measure, seed: int) -> Comparison:
    first, second = one.estimator, other.estimator
    return Comparison(
        cell=cell,
        name=one.name,
        unit=one.unit,
        first=statistics.interval(first, seed=seed),
        second=statistics.interval(second, seed=seed),
        difference=statistics.difference(first, second, seed=seed),
        relative=statistics.relative_difference(first, second, seed=seed),
        probability=statistics.permutation_test(first, second, seed=seed),
    )
