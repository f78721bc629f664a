"""A run's folder, read: what was asked for, what was found, and what it is called."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import DocumentError, SettingsError
from shared.storage import storage_errors
from simulations.experiment.read import ExperimentFile, load
from simulations.experiment.search import measured as known
from simulations.experiment.sweep import Cell
from simulations.measurement.figures import Figure, figures_of, measures
from simulations.measurement.measures import Measure
from simulations.measurement.run_folder import DONE, Tables, finished, read_run
from simulations.report.content import Estimate
from simulations.report.gathering.cells import Swept, labels, swept

MANIFEST, EXPERIMENT = "manifest.json", "experiment.toml"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """`cells` are those with results. `measures` and `found` are theirs, `found` by cell and name in the order of
    measuring."""

    file: ExperimentFile
    manifest: Mapping[str, object]
    cells: tuple[Cell, ...]
    labels: Mapping[int, str]
    swept: tuple[Swept, ...]
    tables: Tables
    measures: Mapping[int, tuple[Measure, ...]]
    found: Mapping[tuple[int, str], Figure]
    finished: int
    planned: int

    @property
    def modelled(self) -> str:
        """Where the service times are from, of a run that was computed; empty for one that ran."""
        found = self.manifest.get("modelled")
        return str(found) if found else ""

    @property
    def seed(self) -> int:
        return self.file.experiment.seed

    def estimate(self, cell: int, name: str) -> Estimate | None:
        """In the unit in which it is shown; None where the cell has no such figure."""
        figure = self.found.get((cell, name))
        return None if figure is None else shown(figure)[0]

    def names(self, *prefixes: str) -> tuple[str, ...]:
        """The figures that begin with one of these, each once."""
        return tuple(dict.fromkeys(name for _, name in self.found if name.startswith(prefixes)))

    def unit(self, name: str) -> str:
        return next((shown(one)[1] for (_, known), one in self.found.items() if known == name), "")


def read(run: Path) -> Source:
    """Raises SettingsError where no run lies, DocumentError and StorageError for damaged files."""
    if not (run / MANIFEST).is_file() or not (run / EXPERIMENT).is_file():
        raise SettingsError(f"{run} is no run: there is no {MANIFEST} with an {EXPERIMENT} in it")
    file, done = load(run / EXPERIMENT), finished(run)
    if not done:
        raise SettingsError(f"no repetition of {run} was finished: go on with it by `fogline simulate run --out {run}`")
    tables = read_run(run)
    every = known(file.experiment, _settings(done))
    there, seed = set(tables.cells()), file.experiment.seed
    measured = tuple(cell for cell in every if cell.index in there)
    by_cell = {cell.index: measures(tables, cell.index) for cell in measured}
    return Source(
        file=file,
        manifest=_object(run / MANIFEST),
        cells=measured,
        labels=labels(measured, file.experiment.name),
        swept=swept(measured, file.experiment.name),
        tables=tables,
        measures=by_cell,
        found={
            (one.cell, one.name): one for cell, each in by_cell.items() for one in figures_of(cell, each, seed=seed)
        },
        finished=len(done),
        planned=len(every) * file.experiment.repetitions,
    )


def shown(figure: Figure) -> tuple[Estimate, str]:
    """With the unit in which people read it: shares in percent, memory in MiB, a link's bytes in MB."""
    factor, unit = scale(figure.name, figure.unit)
    low, high = (None if end is None else end * factor for end in (figure.low, figure.high))
    return Estimate(value=figure.value * factor, low=low, high=high), unit


def scale(name: str, unit: str) -> tuple[float, str]:
    """By how much a figure of this unit is multiplied, and the unit it then has."""
    if unit == "share":
        return 100.0, "%"
    if name.startswith("memory."):
        return 1 / 2**20, "MiB"
    return (1e-6, "MB") if name.startswith("link_bytes.") else (1.0, unit)


def _settings(done: Sequence[Path]) -> Mapping[int, Mapping[str, object]]:
    """Of each cell, by its index."""
    return {int(one.parent.name): _object(one / DONE).get("settings", {}) for one in done}


def _object(path: Path) -> dict[str, Any]:
    with storage_errors(path):
        content = path.read_bytes()
    try:
        found = json.loads(content)
    except ValueError as error:
        raise DocumentError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise DocumentError(f"{path} is no JSON object")
    return found
