"""A whole experiment through the model, into a folder like that of a real run: same bytes for the same input."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from shared.storage import replace_file, storage_errors
from simulations.experiment.read import ExperimentFile, trace
from simulations.experiment.turns import Turn, turns
from simulations.measurement import run_folder
from simulations.measurement.run_folder import DONE, Tables
from simulations.model import manifest, summary
from simulations.model.service import ServiceTimes, encode
from simulations.model.simulation import simulate
from simulations.model.summary import CellSummary, TurnSummary
from simulations.report.gathering.cells import labels
from simulations.running import searching

EXPERIMENT, SERVICE, SUMMARY = "experiment.toml", "service.json", "summary.json"
# Of all turns together. What is more is computed and summed up, but a row a record would fill disk and report.
MOST_RECORDS = 1_000_000

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRun:
    """`with_records`: how many of the `turns` have a row a record in their tables."""

    cells: tuple[CellSummary, ...]
    turns: int
    with_records: int


def run(
    file: ExperimentFile, out: Path, service: ServiceTimes, *, say: Say, most_records: int = MOST_RECORDS
) -> ModelRun:
    """Every turn; each may fill an equal part of `most_records` rows, and has only its figures where it is larger.

    A search keeps all records: by them it is judged. A folder of the same model is gone on with. Raises SettingsError
    when `out` holds something else, DocumentError where the service times do not fit the experiment.
    """
    experiment = file.experiment
    manifest.agreed(out, manifest.made(file, service))
    replace_file(out / EXPERIMENT, file.text.encode())
    replace_file(out / SERVICE, encode(service))
    done: dict[tuple[int, int], tuple[Turn, TurnSummary]] = {}

    def take(wanted: Sequence[Turn], most_rows: float = math.inf) -> None:
        for number, turn in enumerate(wanted, 1):
            say(f"{number} of {len(wanted)}: {turn}")
            done[turn.cell.index, turn.repetition] = turn, _take(turn, file, out, service, most_rows)

    if experiment.search is None:
        every = turns(experiment)
        take(every, most_records // len(every))
    else:
        searching.run(experiment, experiment.search, out, take)
    return _summed([done[key] for key in sorted(done)])


def _take(turn: Turn, file: ExperimentFile, out: Path, service: ServiceTimes, most_rows: float) -> TurnSummary:
    folder = run_folder.folder(out, turn.cell.index, turn.repetition)
    if (known := _known(folder)) is not None:
        return known
    experiment, at = turn.cell.experiment, {"cell": turn.cell.index, "repetition": turn.repetition}
    times = trace(experiment.load, file.folder)
    outcome = simulate(experiment, service, cell=turn.cell.index, repetition=turn.repetition, trace=times)
    found = summary.of_turn(outcome, has_records=len(outcome.records) <= most_rows, **at)
    run_folder.write(folder, outcome.tables(**at) if found.has_records else Tables.of())
    replace_file(folder / SUMMARY, summary.encode(found))
    done = {**at, "name": turn.cell.name, "seed": turn.seed, "settings": dict(turn.cell.settings)}
    replace_file(folder / DONE, msgspec.json.encode(done))
    return found


def _known(folder: Path) -> TurnSummary | None:
    with storage_errors(folder):
        if not (folder / DONE).exists():
            return None
        return msgspec.json.decode((folder / SUMMARY).read_bytes(), type=TurnSummary)


def _summed(done: Sequence[tuple[Turn, TurnSummary]]) -> ModelRun:
    """Cells are called as the report calls them."""
    cells = {turn.cell.index: turn.cell for turn, _ in done}
    names = labels(list(cells.values()), "")
    return ModelRun(
        cells=tuple(
            summary.of_cell([found for _, found in done if found.cell == index], names[index]) for index in cells
        ),
        turns=len(done),
        with_records=sum(found.has_records for _, found in done),
    )
