"""`fogline runs`."""

from pathlib import Path
from typing import Annotated

import typer

from fogline import run_files, tables
from fogline.command import Door, connected, examples
from fogline.commands import run_comparison, run_export
from fogline.commands.latest import Limit, latest
from fogline.output import Page, console
from fogline.progress import bars
from fogline.run_following import RUNS, Views, follow
from fogline.until_ended import Following
from shared.documents import RunState, RunView

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Run = Annotated[int, typer.Argument(metavar="RUN", min=1, help="Its number.", show_default=False)]
Follow = Annotated[bool, typer.Option("--follow", help="Show it as it goes on, until it has ended.")]
Deadline = Annotated[
    float | None, typer.Option(metavar="SECONDS", min=0, help="With --follow: how long to wait at most.")
]
NOT_FINISHED = 1


@app.command("list", epilog=examples("fogline runs list", "fogline runs list --request digits --follow"))
@connected
def list_(
    door: Door,
    request: Annotated[str | None, typer.Option(metavar="REQUEST", help="Those of one request.")] = None,
    state: Annotated[RunState | None, typer.Option(help="Those in one state.")] = None,
    limit: Limit = None,
    follow: Follow = False,
    deadline: Deadline = None,
) -> Page | None:
    """The latest trainings; with --follow all, until they have ended, the exit code 1 if one did not finish."""
    if not follow:
        views = latest(lambda most: door.client.runs.list(request=request, state=state, limit=most), limit)
        return Page(document={"items": views}, view=lambda: tables.runs(views))

    def ask() -> Views:
        return door.client.runs.list(request=request, limit=limit)

    if request is not None and not ask():
        door.client.requests.get(request)  # else a name that is mistyped would be waited for without an end
    ended = _followed(door, Following(client=door.client, ask=ask, words=RUNS, deadline_s=deadline))
    shown = tuple(one for one in ended if state in (None, one.state))
    return _after(door, ended, Page(document={"items": shown}, view=lambda: tables.runs(shown)))


@app.command(
    epilog=examples(
        "fogline runs show 3",
        "fogline runs show 3 --follow",
        "fogline runs show 3 --judgements",
        "fogline runs show 3 --plot pictures/",
        "fogline runs show 3 --plot run-3.svg",
    )
)
@connected
def show(
    door: Door,
    run: Run,
    judgements: Annotated[
        bool, typer.Option("--judgements", help="All that the test says: by exit, by class, and what was confused.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER|FILE", help="Draw its curves and judgements: all in one .png or .svg, or each in a folder."
        ),
    ] = None,
    follow: Follow = False,
    deadline: Deadline = None,
) -> Page | None:
    """One training: how far it is, and what came of it. The exit code is 1 if it failed or was cancelled."""
    from fogline import run_pictures

    if plot is not None:
        run_pictures.require_drawable(plot)
    view = door.client.runs.get(run)
    if follow:
        (view,) = _followed(
            door,
            Following(client=door.client, ask=lambda: (door.client.runs.get(run),), words=RUNS, deadline_s=deadline),
        )
    if plot is not None:
        _draw(door, view, plot)
    if judgements:
        return _judged(door, view)
    page = _shown(door, view)
    return _after(door, (view,), page) if follow else page


@app.command(epilog=examples("fogline runs cancel 3"))
@connected
def cancel(door: Door, run: Run) -> Page:
    """End a training; what it has published stays."""
    view = door.client.runs.cancel(run)
    return Page(document=view, view=lambda: tables.run(view))


@app.command(epilog=examples("fogline runs retry 3"))
@connected
def retry(door: Door, run: Run) -> Page:
    """Start a training again that failed or was cancelled, with all its attempts."""
    view = door.client.runs.retry(run)
    return Page(document=view, view=lambda: tables.run(view))


@app.command(epilog=examples("fogline runs download 3 --to run-3"))
@connected
def download(
    door: Door,
    run: Run,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Made if it is missing.")],
) -> Page:
    """Fetch what a training left behind: weights, judgements, history."""
    view = door.client.runs.get(run)
    with bars() as report:
        files = run_files.fetch(door.client, view.files, to, progress=report)
    names = [str(one) for one in files]
    return Page(document={"files": names}, view=lambda: "\n".join(names) or f"run {run} has left no files yet")


def _followed(door: Door, following: Following[RunView]) -> Views:
    try:
        return follow(following, as_json=door.as_json)
    except KeyboardInterrupt:
        console(stderr=True).print("fogline: training goes on; `fogline runs cancel RUN` ends it")
        raise


def _after(door: Door, ended: Views, page: Page) -> Page | None:
    """In JSON each run's last document was its last line already."""
    code = _code(ended)
    if not door.as_json:
        return Page(document=page.document, view=page.view, exit_code=code)
    if code:
        raise typer.Exit(code)
    return None


def _code(views: "Views | list[RunView]") -> int:
    bad = (RunState.FAILED, RunState.CANCELLED)
    return NOT_FINISHED if any(one.state in bad for one in views) else 0


def _shown(door: Door, view: RunView) -> Page:
    from fogline.tables import judgements

    # Asked now: when the page is shown, the door is shut.
    found = None if door.as_json else run_files.judgements(door.client, view)
    judged = None if found is None else judgements.exits(found)
    return Page(document=view, view=lambda: tables.run(view, judged), exit_code=_code([view]))


def _judged(door: Door, view: RunView) -> Page:
    from fogline.tables import judgements

    found = run_files.required_judgements(door.client, view)
    labels = run_files.labels(door.client, view)
    return Page(document=found, view=lambda: judgements.whole(found, f"run {view.id}", labels=labels))


def _draw(door: Door, view: RunView, plot: Path) -> None:
    from fogline import run_pictures

    drawn = run_pictures.draw(
        run_files.judgements(door.client, view),
        run_files.history(door.client, view),
        plot,
        name=f"run {view.id}: {view.network}",
        labels=run_files.labels(door.client, view),
    )
    console(stderr=True).print("drawn: " + ", ".join(map(str, drawn)))


run_comparison.register(app)
run_export.register(app)
