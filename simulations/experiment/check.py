"""Everything wrong with an experiment that decoding it cannot see. Pure."""

import dataclasses
from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from shared.errors import DocumentError
from simulations.experiment.checks import faults, links, load, places, search, tiers
from simulations.experiment.document import Experiment, Sweep
from simulations.experiment.problem import Problem
from simulations.experiment.search import ends
from simulations.experiment.sweep import changed, combinations, count

# More cells than this are asked about before they run, and only the first of them are checked.
MANY_CELLS = 10_000


def problems(experiment: Experiment) -> tuple[Problem, ...]:
    """Of all cells; what several cells have in common is said once, with the first of them. Errors before warnings."""
    of_sweep = (*_of_sweep(experiment), *search.problems(experiment))
    if any(not problem.is_warning for problem in of_sweep):
        return of_sweep
    found = (*of_sweep, *_of_repetitions(experiment), *_of_cells(experiment))
    return tuple(sorted(found, key=lambda problem: problem.is_warning))


def _of_sweep(experiment: Experiment) -> Iterator[Problem]:
    for path, values in experiment.sweep.grid.items():
        field = f"sweep.grid.{path}"
        if not values:
            yield Problem(field=field, text="has no values, and so there is no cell", remedy="name at least one value")
        if any(value in values[:at] for at, value in enumerate(values)):
            yield Problem(field=field, text="names a value twice", remedy="leave one out: `repetitions` repeat a cell")
    cells = count(experiment)
    if cells > MANY_CELLS:
        yield Problem(
            field="sweep",
            text=f"makes {cells:,} cells, each run {experiment.repetitions} times; only {MANY_CELLS:,} are checked",
            remedy="take fewer values, or use `list` for the cells that matter",
            is_warning=True,
        )


def _of_repetitions(experiment: Experiment) -> Iterator[Problem]:
    if experiment.repetitions == 1:
        yield Problem(
            field="repetitions",
            text="one repetition has no interval",
            remedy="take at least 5",
            is_warning=True,
        )


def _of_cells(experiment: Experiment) -> Iterator[Problem]:
    """The file's own settings need not make sense where a sweep replaces them, so only cells are looked at."""
    base = replace(experiment, sweep=Sweep(), search=None)
    first_seen: dict[Problem, dict[str, object]] = {}
    try:
        for settings in islice(_settings(experiment), MANY_CELLS):
            try:
                cell = changed(base, settings)
            except DocumentError as error:
                # It names its setting itself.
                first_seen.setdefault(_undecodable(error), {})
                continue
            for problem in _of_cell(cell):
                first_seen.setdefault(problem, settings)
    except DocumentError as error:
        yield _undecodable(error)
    yield from (_with_settings(problem, settings) for problem, settings in first_seen.items())


def _settings(experiment: Experiment) -> Iterator[dict[str, object]]:
    """Of each cell, and where a value is searched for, of its ends."""
    for combination in combinations(experiment.sweep):
        for end in ends(experiment):
            yield {**combination, **end}


def _of_cell(cell: Experiment) -> Iterator[Problem]:
    yield from tiers.problems(cell)
    yield from places.problems(cell)
    yield from links.problems(cell)
    yield from load.problems(cell)
    yield from faults.problems(cell)


def _undecodable(error: DocumentError) -> Problem:
    return Problem(field=error.field, text=error.reason, remedy="correct this setting of the sweep")


def _with_settings(problem: Problem, settings: dict[str, object]) -> Problem:
    if not settings:
        return problem
    written = ", ".join(f"{path} = {value!r}" for path, value in settings.items())
    return dataclasses.replace(problem, text=f"{problem.text} (first with {written})")
