"""`fogline simulate`: experiments with the real programs on this machine, over shaped links."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from fogline.command import Json, examples
from fogline.commands import simulate_federation, simulate_model, simulate_sites
from fogline.experiments import (
    File,
    checked,
    going_on,
    knees_of,
    new_folder,
    report_of,
    require_installed,
    run_for_real,
    sound,
)
from fogline.output import Page, show
from fogline.progress import telling

if TYPE_CHECKING:
    from simulations.experiment.problem import Problem
    from simulations.experiment.read import ExperimentFile

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Latency experiments: Kafka clusters, a control plane, agents and clients on this machine, over shaped links.",
)


@app.command(epilog=examples("fogline simulate check three-tiers.toml"))
def check(file: File, *, as_json: Json = False) -> None:
    """Say what is wrong with an experiment file, and how many runs it asks for."""
    found, problems = checked(file)
    page = _page(found, problems)
    show(page, as_json=as_json)
    raise typer.Exit(page.exit_code)


@app.command(
    epilog=examples("fogline simulate run three-tiers.toml", "fogline simulate run three-tiers.toml --out runs/one")
)
def run(
    file: File,
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where results go; a folder of an interrupted run is gone on with."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run an experiment, each cell as often as its file says; given the --out of an interrupted one, go on with it."""
    require_installed()
    found = sound(file)
    folder = out or new_folder(found.experiment.name)
    with going_on(folder), telling("checking") as say:
        run_for_real(found, folder, say=say)
        say("writing the report")
        page = report_of(folder)
    knees = knees_of(folder)
    document = {"run": str(folder), "report": str(page), "knees": knees}
    lines = [*map(str, knees), f"the report is {page}"]
    show(Page(document=document, view=lambda: "\n".join(lines)), as_json=as_json)


@app.command(epilog=examples("fogline simulate report runs/one", "fogline simulate report runs/two --against runs/one"))
def report(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.", show_default=False)],
    *,
    against: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Another run of the same experiment, to compare with.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a run's report again from its tables: report.html, and the charts as SVG and PNG."""
    require_installed()
    page = report_of(folder, against)
    show(Page(document={"report": str(page)}, view=lambda: f"the report is {page}"), as_json=as_json)


def _page(found: "ExperimentFile", problems: "tuple[Problem, ...]") -> Page:
    from simulations.experiment.search import most_cells
    from simulations.experiment.sweep import count

    is_wrong = any(not problem.is_warning for problem in problems)
    is_search = found.experiment.search is not None and not is_wrong
    cells, repetitions = (most_cells if is_search else count)(found.experiment), found.experiment.repetitions

    def view() -> RenderableType:
        lines = [
            f"{'warning' if one.is_warning else 'error'}: {one.field}: {one.text}; {one.remedy}" for one in problems
        ]
        at_most = "at most " if is_search else ""
        return "\n".join([*lines, f"{at_most}{cells} cells, {repetitions} repetitions: {cells * repetitions} runs"])

    document = {"cells": cells, "repetitions": repetitions, "problems": problems}
    return Page(document=document, view=view, exit_code=2 if is_wrong else 0)


simulate_model.register(app)
simulate_federation.register(app)
simulate_sites.register(app)
