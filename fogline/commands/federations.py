"""`fogline federations`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from fogline import run_files
from fogline.command import Door, connected, examples
from fogline.commands import federation_picture
from fogline.document_files import read_document
from fogline.federation_checks import check
from fogline.federation_following import FEDERATIONS, follow
from fogline.output import Page, console
from fogline.progress import bars
from fogline.request_options import with_options
from fogline.tables import federations as tables
from fogline.tables import judgements
from fogline.until_ended import Following
from shared.documents.federation import Federation
from shared.documents.federation_workloads import FederationView

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="FEDERATION", help="The federation's name.")]
NOT_FINISHED = 1


@app.command("list", epilog=examples("fogline federations list"))
@connected
def list_(door: Door) -> Page:
    """All federations."""
    views = door.client.federations.list()
    return Page(document={"items": views}, view=lambda: tables.federations(views))


@app.command(epilog=examples("fogline federations show digits", "fogline federations show digits --json"))
@connected
def show(door: Door, name: Name) -> Page:
    """Models, sites, staleness, metrics, privacy, and how the last model was judged. The exit code is 1 if it failed or
    was cancelled."""
    view = door.client.federations.get(name)
    # Asked now: when the page is shown, the door is shut.
    found = None if door.as_json else run_files.judgements(door.client, view)
    return _page(view, exit_code=_code(view), judged=None if found is None else judgements.exits(found))


@app.command(epilog=examples("fogline federations put digits.toml", "fogline federations put - --json < digits.json"))
@connected
def put(
    door: Door,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A federation in TOML, JSON or YAML; `-` is stdin.")],
    rounds: Annotated[int | None, typer.Option(metavar="N", min=1, help="In place of `stop.rounds`.")] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Of a strategy that is installed where it coordinates, and not here.")
    ] = False,
) -> Page:
    """Begin a federation; the same again changes nothing while it is under way, or once it has finished."""
    federation = read_document(
        file,
        Federation,
        changed=lambda fields: with_options(fields, {("stop", "rounds"): rounds}),
        also=None if unchecked else check,
    )
    return _page(door.client.federations.put(federation))


@app.command("follow", epilog=examples("fogline federations follow digits", "fogline federations follow digits --json"))
@connected
def follow_(
    door: Door,
    name: Name,
    deadline: Annotated[float | None, typer.Option(metavar="SECONDS", min=0, help="How long to wait at most.")] = None,
) -> Page | None:
    """Versions, staleness and accuracy, live, until it is over; the exit code is 1 if it failed or was cancelled."""
    following = Following(
        client=door.client, ask=lambda: (door.client.federations.get(name),), words=FEDERATIONS, deadline_s=deadline
    )
    try:
        ended = follow(following, as_json=door.as_json)
    except KeyboardInterrupt:
        console(stderr=True).print(f"fogline: the federation goes on; `fogline federations cancel {name}` ends it")
        raise
    if not door.as_json:
        found = run_files.judgements(door.client, ended)
        return _page(ended, exit_code=_code(ended), judged=None if found is None else judgements.exits(found))
    # Its last document was the last line already.
    if code := _code(ended):
        raise typer.Exit(code)
    return None


@app.command(epilog=examples("fogline federations pause digits"))
@connected
def pause(door: Door, name: Name) -> Page:
    """End no round until it is resumed; updates that come are taken in."""
    return _page(door.client.federations.pause(name))


@app.command(epilog=examples("fogline federations resume digits"))
@connected
def resume(door: Door, name: Name) -> Page:
    """Go on with a federation that was paused."""
    return _page(door.client.federations.resume(name))


@app.command(epilog=examples("fogline federations cancel digits"))
@connected
def cancel(door: Door, name: Name) -> Page:
    """End it with its newest model; before the first, at once."""
    return _page(door.client.federations.cancel(name))


@app.command(epilog=examples("fogline federations delete digits"))
@connected
def delete(door: Door, name: Name) -> Page:
    """Forget a federation, and take it from its nodes; its topics stay, and the versions made of it."""
    door.client.federations.delete(name)
    return Page(document={"deleted": name}, view=lambda: f"{name} is deleted.")


@app.command(epilog=examples("fogline federations download digits --to digits-1"))
@connected
def download(
    door: Door,
    name: Name,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Made if it is missing.")],
) -> Page:
    """Fetch what it left behind: its last model's weights, and judgements where it was judged."""
    view = door.client.federations.get(name)
    with bars() as report:
        files = run_files.fetch(door.client, view.files, to, progress=report)
    names = [str(one) for one in files]
    return Page(document={"files": names}, view=lambda: "\n".join(names) or f"{name} has left no files yet")


def _page(view: FederationView, *, exit_code: int = 0, judged: RenderableType | None = None) -> Page:
    return Page(document=view, view=lambda: tables.federation(view, judged=judged), exit_code=exit_code)


def _code(view: FederationView) -> int:
    return NOT_FINISHED if tables.is_bad(view) else 0


federation_picture.register(app)
