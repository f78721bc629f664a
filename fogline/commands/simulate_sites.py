"""`fogline simulate sites`: an experiment's federation for real, a Kafka broker and an agent for every site."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.command import Json, examples
from fogline.experiments import new_folder, require_installed
from fogline.output import Page, console, show
from shared.storage import replace_file, storage_errors

if TYPE_CHECKING:
    from simulations.federation.real_run import RealOutcome

RESULTS, PICTURE, COPY = "results.json", "federation.png", "federation.toml"


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline simulate sites simulations/federation/three-sites.toml",
            "fogline simulate sites mine.toml --seed 2 --out runs/mine",
        )
    )(sites)


def sites(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A federation's experiment file (TOML).", show_default=False)
    ],
    *,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where results go.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**32 - 1, metavar="N", help="By default the file's first.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a federation for real, a Kafka broker and an agent for each site, and make its models again by simulation."""
    require_installed()
    from simulations.federation.read import load
    from simulations.federation.real_run import run

    found = load(file)
    folder = out or new_folder(found.experiment.name)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    made = run(found, found.experiment.seeds[0] if seed is None else seed, folder, say=console(stderr=True).print)
    picture = _write(made, found.text, folder)
    document = {"run": str(folder), "picture": str(picture), "outcome": made}
    show(Page(document=document, view=lambda: _readable(made, folder)), as_json=as_json)


def _write(made: "RealOutcome", text: str, folder: Path) -> Path:
    """The picture's path. Raises StorageError."""
    from fogline.federation_pictures import draw
    from shared.documents import encode

    replace_file(folder / COPY, text.encode())
    replace_file(folder / RESULTS, encode(made) + b"\n")
    draw(made.federation, folder / PICTURE)
    return folder / PICTURE


def _readable(made: "RealOutcome", folder: Path) -> str:
    return (
        f"{made.name}: {made.federation.progress.round} models in {made.seconds:,.0f} s\n"
        f"given the same updates in the same order, the simulated coordinator made the same {made.same_models} models\n"
        f"results are in {folder}"
    )
