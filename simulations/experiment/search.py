"""A search's steps as cells: each sweep cell with one value after the other. Pure.

The steps of sweep cell `n` have the indices from `STEPS * n` on, so each is told apart by its index alone, whatever
the other cells' searches found.
"""

from collections.abc import Iterator, Mapping

from simulations.experiment import sweep
from simulations.experiment.bisection import Range, most_tries
from simulations.experiment.document import Experiment, Search
from simulations.experiment.quantities import parts
from simulations.experiment.sweep import Cell, changed

# More than the range of all numbers can be halved.
STEPS = 100


def within(search: Search) -> Range:
    """Of a search that was checked."""
    low, high = (found[0] for end in (search.low, search.high) if (found := parts(end)))
    is_whole = isinstance(search.low, int) and isinstance(search.high, int)
    return Range(low=low, high=high, tolerance=search.tolerance, is_whole=is_whole)


def written(search: Search, value: float) -> str | float:
    """As it stands in a file."""
    _, unit = parts(search.low) or (0.0, "")
    if unit:
        return f"{value!r} {unit}"
    return int(value) if within(search).is_whole else value


def step(cell: Cell, search: Search, number: int, value: float) -> Cell:
    """`cell` is one of the sweep, `number` counts its steps from 0."""
    setting = {search.setting: written(search, value)}
    return Cell(
        index=STEPS * cell.index + number,
        name=cell.name,
        settings={**cell.settings, **setting},
        experiment=changed(cell.experiment, setting),
    )


def most_cells(experiment: Experiment) -> int:
    """No run has more. Of an experiment that was checked."""
    tries = 1 if experiment.search is None else most_tries(within(experiment.search))
    return tries * sweep.count(experiment)


def ends(experiment: Experiment) -> Iterator[Mapping[str, object]]:
    """What a search sets at its ends; nothing, once, without one."""
    if experiment.search is None:
        yield {}
    else:
        yield from ({experiment.search.setting: end} for end in (experiment.search.low, experiment.search.high))


def measured(experiment: Experiment, settings: Mapping[int, Mapping[str, object]]) -> tuple[Cell, ...]:
    """The cells of a run, with a search those of these indices, whose settings the run has written down."""
    every = sweep.cells(experiment)
    if experiment.search is None:
        return every
    setting = experiment.search.setting
    return tuple(
        Cell(
            index=index,
            name=every[index // STEPS].name,
            settings=settings[index],
            experiment=changed(every[index // STEPS].experiment, {setting: settings[index][setting]}),
        )
        for index in sorted(settings)
    )
