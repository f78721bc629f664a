"""A figure of one cell over the same of another. Same measures and seed, same ratios."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from simulations.measurement import statistics
from simulations.measurement.measures import Measure
from simulations.measurement.statistics import Interval


class CellRatio(msgspec.Struct, frozen=True, kw_only=True):
    """`ratio` is the figure `name` of `cell` over that of `base`."""

    base: int
    cell: int
    name: str
    ratio: Interval


def ratios(
    measures: Mapping[int, Iterable[Measure]], pairs: Sequence[tuple[int, int]], names: Sequence[str], *, seed: int
) -> tuple[CellRatio, ...]:
    """For each pair of a base and a cell the names that both have, in the order of `names`.

    Cells take turns, so repetitions of the two that ran beside each other shared an hour; they are drawn independently
    all the same, which makes an interval too wide rather than too narrow.
    """
    return tuple(one for base, cell in pairs for one in _ratios(measures, base, cell, names, seed))


def _ratios(
    measures: Mapping[int, Iterable[Measure]], base: int, cell: int, names: Sequence[str], seed: int
) -> Iterator[CellRatio]:
    below, above = ({one.name: one.estimator for one in measures[index]} for index in (base, cell))
    for name in names:
        if name in below and name in above:
            yield CellRatio(
                base=base, cell=cell, name=name, ratio=statistics.ratio(above[name], below[name], seed=seed)
            )
