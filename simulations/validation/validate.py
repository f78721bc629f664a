"""From a run's folder to the verdict on the model."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from shared.errors import DocumentError, SettingsError
from shared.storage import replace_file, storage_errors
from simulations.experiment.read import ExperimentFile, load, trace
from simulations.experiment.sweep import cells
from simulations.measurement.run_folder import Tables, finished, read_run
from simulations.model.fit import fitted
from simulations.model.service import ServiceTimes, encode, from_bench
from simulations.report.gathering.cells import labels
from simulations.validation.parts import Part, split
from simulations.validation.prediction import predicted
from simulations.validation.verdict import AIM, MUST, Error, Verdict, errors

EXPERIMENT = "experiment.toml"

Say = Callable[[str], None]


def read(run: Path) -> tuple[ExperimentFile, Tables]:
    """Raises SettingsError where no run lies or none of it was finished, DocumentError and StorageError."""
    if not (run / EXPERIMENT).is_file():
        raise SettingsError(f"{run} is no run: there is no {EXPERIMENT} in it")
    if not finished(run):
        raise SettingsError(f"no repetition of {run} was finished")
    return load(run / EXPERIMENT), read_run(run)


def fitted_to_least(file: ExperimentFile, tables: Tables) -> ServiceTimes:
    """Service times from the cell of the least load, whose micro-batches waited for nothing. Raises DocumentError."""
    there = [cell for cell in cells(file.experiment) if cell.index in set(tables.cells())]
    parts = [Part(cell=cell, repetitions=tables.repetitions(cell.index)) for cell in there]
    if not parts:
        raise DocumentError("has no records to fit to", field="run")
    least = split([part.cell for part in parts], tables).calibration if len(parts) > 1 else parts[0]
    return _fitted(least)


def validate(file: ExperimentFile, tables: Tables, *, folder: Path, say: Say = lambda _: None) -> Verdict:
    """`folder`: where the experiment file's own paths begin. Raises DocumentError."""
    if file.experiment.search is not None:
        raise DocumentError("is not predicted: sweep over some loads instead", field="search")
    say("fitting the service times")
    parts = split(cells(file.experiment), tables)
    service = _fitted(parts.calibration)
    names = labels([parts.calibration.cell, *(part.cell for part in parts.predicted)], file.experiment.name)
    found: list[Error] = []
    for part in parts.predicted:
        say(f"predicting cell {part.cell.index}")
        experiment = part.cell.experiment
        model = predicted(part, service, trace=trace(experiment.load, folder))
        found += errors(experiment, service, part.tables, model, name=names[part.cell.index])
    judged = [one for one in found if one.is_judged]
    return Verdict(
        experiment=file.experiment.name,
        fitted_to=parts.described,
        must=MUST,
        aim=AIM,
        worst=max((abs(one.error) for one in judged), default=0.0),
        is_valid=bool(judged) and all(one.is_within for one in judged),
        errors=tuple(found),
        service=service,
    )


def _fitted(part: Part) -> ServiceTimes:
    experiment = part.cell.experiment
    return fitted(experiment, part.tables, from_bench(experiment.tiers))


def write(verdict: Verdict, folder: Path) -> None:
    """`validation.json`, and the fitted service times as `service.json` for `--service`. Raises StorageError."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    replace_file(folder / "validation.json", msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    replace_file(folder / "service.json", encode(verdict.service))
