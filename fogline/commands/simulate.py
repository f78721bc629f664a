"""`fogline simulate`: experiments with the real programs on this machine, over shaped links."""

from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from fogline.command import Json, examples
from fogline.output import Page, console, show
from shared.errors import DocumentError, UnavailableError

if TYPE_CHECKING:
    from simulations.experiment.problem import Problem
    from simulations.experiment.read import ExperimentFile

# What tables, charts and the model are made with; too much to fetch for somebody who only wants the demo.
NEEDED = ("pyarrow", "matplotlib", "simpy")

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Latency experiments: Kafka clusters, a control plane, agents and clients on this machine, over shaped links.",
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="An experiment file (TOML).", show_default=False)]


@app.command(epilog=examples("fogline simulate check three-tiers.toml"))
def check(file: File, *, as_json: Json = False) -> None:
    """Say what is wrong with an experiment file, and how many runs it asks for."""
    found, problems = _checked(file)
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
    _require_installed()
    from simulations.running.run import run as run_all

    found, problems = _checked(file)
    wrong = next((problem for problem in problems if not problem.is_warning), None)
    if wrong is not None:
        raise DocumentError(f"{wrong.text}: {wrong.remedy} (in {file})", field=wrong.field)
    now = datetime.now(UTC)
    folder = out or Path("runs") / f"{found.experiment.name}-{now:%Y%m%d-%H%M%S}"
    with console(stderr=True).status("checking") as status:
        run_all(found, folder, now=now, say=status.update)
        status.update("writing the report")
        page = _report(folder)
    document = {"run": str(folder), "report": str(page)}
    show(Page(document=document, view=lambda: f"the report is {page}"), as_json=as_json)


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
    _require_installed()
    page = _report(folder, against)
    show(Page(document={"report": str(page)}, view=lambda: f"the report is {page}"), as_json=as_json)


def _require_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UnavailableError(f"experiments need {', '.join(missing)}: pip install 'fogline[experiments]'")


def _report(folder: Path, against: Path | None = None) -> Path:
    from simulations.report.gathering.gather import gathered
    from simulations.report.write import write

    return write(gathered(folder, against), folder)


def _checked(file: Path) -> "tuple[ExperimentFile, tuple[Problem, ...]]":
    from simulations.experiment import check, files
    from simulations.experiment.read import load

    found = load(file)
    problems = check.problems(found.experiment)
    if any(not problem.is_warning for problem in problems):
        return found, problems
    return found, (*files.problems(found), *problems)


def _page(found: "ExperimentFile", problems: "tuple[Problem, ...]") -> Page:
    from simulations.experiment.sweep import count

    cells, repetitions = count(found.experiment), found.experiment.repetitions
    is_wrong = any(not problem.is_warning for problem in problems)

    def view() -> RenderableType:
        lines = [
            f"{'warning' if one.is_warning else 'error'}: {one.field}: {one.text}; {one.remedy}" for one in problems
        ]
        return "\n".join([*lines, f"{cells} cells, {repetitions} repetitions: {cells * repetitions} runs"])

    document = {"cells": cells, "repetitions": repetitions, "problems": problems}
    return Page(document=document, view=view, exit_code=2 if is_wrong else 0)
