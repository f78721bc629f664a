"""`fogline simulate federation`: many sites that train one network, in one program and on virtual time."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.live import Live

from fogline.command import Json, examples
from fogline.experiments import new_folder, require_installed
from fogline.output import Page, console, show
from shared.storage import replace_file, storage_errors

if TYPE_CHECKING:
    from simulations.federation.outcome import Outcome
    from simulations.federation.said import Going

RESULTS, PICTURE, COPY = "results.json", "versions", "federation.toml"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline simulate federation simulations/federation/dirichlet.toml",
            "fogline simulate federation mine.toml --out runs/mine --processes 4",
        )
    )(federation)


def federation(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A federation's experiment file (TOML).", show_default=False)
    ],
    *,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where results go.")] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=1024, metavar="N", help="Seeds side by side; by default as many as processors."),
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, max=1024, metavar="N", help="Of each seed. Another number rounds sums differently.")
    ] = 1,
    as_json: Json = False,
) -> None:
    """Run a federation of simulated sites on virtual time: real training, the coordinator's own decisions."""
    require_installed()
    from fogline.tables.federation_runs import outcome as table_of
    from simulations.federation.read import load
    from simulations.federation.run import run

    found = load(file)
    folder = out or new_folder(found.experiment.name)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _following() as told:
        made = run(file, found, processes=processes or os.cpu_count() or 1, threads=threads, told=told)
    picture = _write(made, found.text, folder)
    document = {"run": str(folder), "picture": str(picture), "outcome": made}
    show(Page(document=document, view=lambda: table_of(made)), as_json=as_json)
    if not as_json:
        console().print(f"results are in {folder}")


@contextmanager
def _following() -> "Iterator[Callable[[int, Going], None]]":
    """On a terminal a table that moves, in the log of a long run a line for every model that was judged."""
    from fogline.tables.federation_runs import going

    said, newest = console(stderr=True), dict[int, "Going"]()
    if not sys.stderr.isatty():
        yield _Lines(said.print)
        return
    with Live(going(newest), console=said, transient=True, refresh_per_second=4) as live:

        def told(seed: int, one: "Going") -> None:
            newest[seed] = one
            live.update(going(newest))

        yield told


class _Lines:
    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._accuracies = say, dict[int, float]()

    def __call__(self, seed: int, one: "Going") -> None:
        if one.accuracy is None or self._accuracies.get(seed) == one.accuracy:
            return
        self._accuracies[seed] = one.accuracy
        self._say(
            f"seed {seed}: version {one.round} of {one.rounds} after {one.at_s:,.0f} s and {one.passes:.1f} passes: "
            f"{100 * one.accuracy:.2f} %"
        )


def _write(made: "Outcome", text: str, folder: Path) -> Path:
    """The picture's path. Raises StorageError."""
    from shared.documents import encode
    from simulations.federation.picture import drawn

    replace_file(folder / COPY, text.encode())
    replace_file(folder / RESULTS, encode(made) + b"\n")
    picture = drawn(made)
    replace_file(folder / f"{PICTURE}.svg", picture.svg)
    replace_file(folder / f"{PICTURE}.png", picture.png)
    return folder / f"{PICTURE}.png"
