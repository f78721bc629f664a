"""What the commands of `fogline simulate` have in common: a checked file, a run, its report."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.output import console
from shared.errors import DocumentError, UnavailableError

if TYPE_CHECKING:
    from simulations.experiment.problem import Problem
    from simulations.experiment.read import ExperimentFile
    from simulations.running.knee import Knee

# What tables, charts and the model are made with; too much to fetch for somebody who only wants the demo.
NEEDED = ("pyarrow", "matplotlib", "simpy")

File = Annotated[Path, typer.Argument(metavar="FILE", help="An experiment file (TOML).", show_default=False)]


def require_installed() -> None:
    """Raises UnavailableError that says what to install."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UnavailableError(f"experiments need {', '.join(missing)}: pip install 'fogline[experiments]'")


def checked(file: Path) -> "tuple[ExperimentFile, tuple[Problem, ...]]":
    """With all that is wrong with it. Raises SettingsError and DocumentError where it is no experiment at all."""
    from simulations.experiment import check, files
    from simulations.experiment.read import load

    found = load(file)
    problems = check.problems(found.experiment)
    if any(not problem.is_warning for problem in problems):
        return found, problems
    return found, (*files.problems(found), *problems)


def sound(file: Path) -> "ExperimentFile":
    """Raises DocumentError with the first thing that is wrong with it."""
    found, problems = checked(file)
    wrong = next((problem for problem in problems if not problem.is_warning), None)
    if wrong is not None:
        raise DocumentError(f"{wrong.text}: {wrong.remedy} (in {file})", field=wrong.field)
    return found


def new_folder(name: str) -> Path:
    """Where results go that no `--out` has a place for."""
    return Path("runs") / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def run_for_real(found: "ExperimentFile", folder: Path, *, say: Callable[[str], None]) -> None:
    """Results go into `folder`; those of an interrupted run in it are part of them."""
    from simulations.running.run import run

    run(found, folder, now=datetime.now(UTC), say=say)


@contextmanager
def going_on(folder: Path) -> Iterator[None]:
    """Who interrupts the block is told how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        console(stderr=True).print(f"interrupted: with --out {folder} the same command goes on")
        raise


def knees_of(folder: Path) -> "tuple[Knee, ...]":
    """What a search found; nothing where the run searched for nothing."""
    from simulations.running.knee import read

    return read(folder)


def report_of(folder: Path, against: Path | None = None) -> Path:
    """The page's path."""
    from simulations.report.gathering.gather import gathered
    from simulations.report.write import write

    return write(gathered(folder, against), folder)
