"""`fogline simulate model`, `validate` and `plan`: what is computed of experiments rather than run."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.command import Json, examples
from fogline.experiments import File, going_on, new_folder, report_of, require_installed, run_for_real, sound
from fogline.output import Page, show
from fogline.progress import telling, waiting
from shared.errors import DocumentError, SettingsError

if TYPE_CHECKING:
    from simulations.experiment.document import Experiment
    from simulations.model.run import ModelRun
    from simulations.model.service import ServiceTimes

Service = Annotated[
    Path | None,
    typer.Option(metavar="TIMES", help="What each step costs (JSON); by default that of docs/benchmarks.md."),
]
Fit = Annotated[
    Path | None, typer.Option(metavar="RUN", help="Take what each step costs from the tables of a real run.")
]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Where results go.")]


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline simulate model three-tiers.toml --fit runs/one",
            "fogline simulate model fleet.toml --service times.json --out runs/modelled --repetitions 3",
        )
    )(model)
    app.command(
        epilog=examples(
            "fogline simulate validate simulations/experiments/validate.toml",
            "fogline simulate validate --run runs/one",
        )
    )(validate)
    app.command(epilog=examples('fogline simulate plan three-tiers.toml --p99 "200 ms" --fit runs/one'))(plan)


def model(
    file: File,
    *,
    service: Service = None,
    fit: Fit = None,
    out: Out = None,
    repetitions: Annotated[
        int | None, typer.Option(min=1, max=10_000, metavar="N", help="In place of the file's own.")
    ] = None,
    most_records: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Rows of records in all; of a turn that exceeds its part only figures are kept."
        ),
    ] = 1_000_000,
    as_json: Json = False,
) -> None:
    """Compute an experiment by the discrete-event model, into tables and a report like those of a real run."""
    require_installed()
    from simulations.model.repetitions import with_repetitions
    from simulations.model.run import run

    found = sound(file)
    if repetitions is not None:
        found = with_repetitions(found, repetitions)
    folder = out or new_folder(f"{found.experiment.name}-model")
    with telling("reading the service times") as say:
        times = _times(found.experiment, service, fit)
        made = run(found, folder, times, say=say, most_records=most_records)
        say("writing the report")
        page = report_of(folder) if made.with_records else None
    _show_model(made, folder, page, times, as_json=as_json)


def validate(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="An experiment file (TOML).", show_default=False)
    ] = None,
    *,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN", help="A run that is there already, in place of FILE.")
    ] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Run an experiment, fit the model to its least load, predict the rest, and say how far off that is.

    The exit code is 1 where a figure below the knee is more than 15 % off.
    """
    require_installed()
    from fogline.tables.models_of_experiments import verdict
    from simulations.validation import validate as validation

    with telling("checking") as say:
        folder = _real(file, run, out, say=say)
        found, tables = validation.read(folder)
        paths_from = found.folder if file is None else file.resolve().parent
        made = validation.validate(found, tables, folder=paths_from, say=say)
        validation.write(made, out or folder)
    show(Page(document=made, view=lambda: verdict(made)), as_json=as_json)
    raise typer.Exit(0 if made.is_valid else 1)


def plan(
    file: File,
    *,
    p99: Annotated[str, typer.Option("--p99", metavar="TIME", help='What 99 of 100 records may take: "200 ms".')],
    service: Service = None,
    fit: Fit = None,
    most_nodes: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="Of one tier.")] = 256,
    as_json: Json = False,
) -> None:
    """Say how many nodes and partitions each tier needs for a load and a target, and what breaks first.

    The exit code is 1 where no plan meets the target. The first cell of a sweep is planned for.
    """
    require_installed()
    from fogline.tables.models_of_experiments import plan as planned
    from simulations.experiment.sweep import cells
    from simulations.model.plan import plan as planning

    target_s = _target_s(p99)
    experiment = cells(sound(file).experiment)[0].experiment
    with waiting("planning"):
        made = planning(experiment, _times(experiment, service, fit), target_p99_s=target_s, most_nodes=most_nodes)
    show(Page(document=made, view=lambda: planned(made, target_s=target_s)), as_json=as_json)
    raise typer.Exit(0 if made.is_met else 1)


def _real(file: Path | None, run: Path | None, out: Path | None, *, say: Callable[[str], None]) -> Path:
    """The folder of the real run that the model is held against."""
    if file is not None and run is None:
        found = sound(file)
        folder = out or new_folder(found.experiment.name)
        with going_on(folder):
            run_for_real(found, folder, say=say)
        return folder
    if run is not None and file is None:
        return run
    raise SettingsError("name either an experiment FILE or a --run")


def _target_s(text: str) -> float:
    from simulations.experiment.quantities import Duration

    try:
        target = Duration.parse(text)
    except ValueError as error:
        raise DocumentError(str(error), field="--p99") from error
    if not target:
        raise DocumentError("nothing is answered in no time", field="--p99")
    return float(target)


def _times(experiment: "Experiment", service: Path | None, fit: Path | None) -> "ServiceTimes":
    from simulations.model.service import from_bench, load
    from simulations.validation.validate import fitted_to_least, read

    if service is not None and fit is not None:
        raise SettingsError("--service and --fit both say what the steps cost: name one of them")
    if service is not None:
        return load(service)
    if fit is not None:
        return fitted_to_least(*read(fit))
    return from_bench(experiment.tiers)


def _show_model(made: "ModelRun", folder: Path, page: Path | None, times: "ServiceTimes", *, as_json: bool) -> None:
    from fogline.tables.models_of_experiments import cells

    notes = [f"modelled, not measured; service times: {times.measured or 'of unknown origin'}"]
    if made.with_records < made.turns:
        left = made.turns - made.with_records
        notes.append(f"{left} of {made.turns} turns have too many records for rows: summary.json has their figures")
    notes.append(f"results are in {folder}" if page is None else f"the report is {page}")
    document = {
        "run": str(folder),
        "report": None if page is None else str(page),
        "modelled": times.measured,
        "turns": made.turns,
        "turns_with_records": made.with_records,
        "cells": made.cells,
    }
    show(Page(document=document, view=lambda: cells(made.cells, notes)), as_json=as_json)
