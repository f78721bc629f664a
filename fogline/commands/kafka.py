"""`fogline kafka`: a real Kafka on this machine that goes on until it is stopped."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.progress import Progress, TaskID

from fogline import tables
from fogline.command import Json, examples
from fogline.output import Page, console, show
from shared.errors import ClusterError

if TYPE_CHECKING:
    from simulations.kafka.daemon import Daemon, Status

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="A real Kafka on this machine, without Docker or Java. Who has a cluster needs none of this: the other "
    "commands take --bootstrap-servers.",
)

Directory = Annotated[
    Path | None, typer.Option("--dir", metavar="DIR", help="Where the cluster's state stands, one directory a cluster.")
]


@app.command(
    epilog=examples(
        "fogline kafka start",
        "fogline kafka start --nodes 3 --ephemeral",
        "fogline kafka start --dir site-b --port 9192",
    )
)
def start(
    *,
    nodes: Annotated[int | None, typer.Option(help="1, or 3 that survive the loss of one.")] = None,
    port: Annotated[
        list[int] | None,
        typer.Option(help="For clients; once a node. Else the ports of last time, from 9092 on, or any free ones."),
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Where topics are kept.")] = None,
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="Throw the data away at stop.")] = False,
    directory: Directory = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="Until the cluster must serve.")] = 90.0,
    as_json: Json = False,
) -> None:
    """Start Kafka, and return once it serves. Started already, nothing changes."""
    from simulations.kafka.state import Request

    daemon = _daemon(directory)
    request = Request(nodes=nodes, ports=tuple(port or ()), data_dir=data_dir, ephemeral=ephemeral)
    with _Fetching() as fetching:
        daemon.start(request, timeout_s=timeout, on_progress=fetching)
    show(_page(daemon.status()), as_json=as_json)


@app.command(epilog=examples("fogline kafka stop", "fogline kafka stop --dir site-b"))
def stop(*, directory: Directory = None, as_json: Json = False) -> None:
    """Stop the Kafka that `start` began, and nothing else. Stopped already, nothing changes."""
    pids = _daemon(directory).stop()
    told = f"{len(pids)} broker{'s' * (len(pids) != 1)} stopped." if pids else "No Kafka of ours was running."
    show(Page(document={"stopped": pids}, view=lambda: told), as_json=as_json)


@app.command(epilog=examples("fogline kafka status", "fogline kafka status --json"))
def status(*, directory: Directory = None, as_json: Json = False) -> None:
    """Say what runs, asked of the brokers themselves. Exit code 0 if the cluster serves, 7 if it does not."""
    page = _page(_daemon(directory).status())
    show(page, as_json=as_json)
    raise typer.Exit(page.exit_code)


def _daemon(directory: Path | None) -> "Daemon":
    # What runs a broker is imported when a command runs: `--help` needs none of it.
    from simulations.kafka import daemon, state

    return daemon.Daemon((directory or state.default_directory(os.environ)).resolve())


def _page(found: "Status") -> Page:
    exit_code = 0 if found.state == "running" else ClusterError.exit_code
    return Page(document=found, view=lambda: _view(found), exit_code=exit_code)


def _view(found: "Status") -> RenderableType:
    rows = [(str(node.node), str(node.port), str(node.pid or "does not run"), node.log) for node in found.nodes]
    nodes = tables.table(("node", "port", "pid", "log"), rows, empty="Start it with `fogline kafka start`.")
    if not rows:
        return Group("Kafka was never started here.", nodes)
    return Group(
        f"Kafka is {found.state}; bootstrap servers: {found.bootstrap_servers}",
        f"Data in {found.data_dir}" + ", thrown away at stop" * found.ephemeral,
        nodes,
    )


class _Fetching(AbstractContextManager["_Fetching"]):
    """A progress bar on stderr, shown from the first jar that has to be fetched."""

    def __init__(self) -> None:
        self._progress = Progress(console=console(stderr=True), transient=True)
        self._task: TaskID | None = None

    def __call__(self, done: int, wanted: int) -> None:
        if self._task is None:
            self._task = self._progress.add_task("Fetching Kafka, 45 MB, once", total=wanted)
            self._progress.start()
        self._progress.update(self._task, completed=done)

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._progress.stop()
