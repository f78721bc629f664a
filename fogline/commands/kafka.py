"""`fogline kafka`: a real Kafka on this machine that goes on until it is stopped.

What runs a broker is imported when a command runs, so that `fogline --help` loads none of it.
"""

import json
import logging
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from simulations.kafka.daemon import Daemon, Status

NOT_RUNNING = 7
"""Exit code of `status` unless the cluster runs and serves: that of every command that cannot reach Kafka."""

app = typer.Typer(
    name="kafka",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Run a real Apache Kafka on this machine: no Docker, no Java to install.

Those who have a cluster pass `--bootstrap-servers` to the other commands and need none of this.""",
)

Directory = Annotated[
    Path | None, typer.Option("--dir", help="Where the cluster's state stands, one directory a cluster.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command(
    epilog="""Examples:

`fogline kafka start` one node, data kept

`fogline kafka start --nodes 3 --ephemeral` three nodes, data thrown away by stop

`fogline kafka start --dir site-b --port 9192` a second cluster beside the first"""
)
def start(
    nodes: Annotated[int | None, typer.Option(help="1, or 3 that survive the loss of one.")] = None,
    port: Annotated[
        list[int] | None, typer.Option(help="A port for clients; once a node. Else those of last time, 9092, or free.")
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where topics are kept.")] = None,
    ephemeral: Annotated[bool, typer.Option("--ephemeral", help="Throw the data away at stop.")] = False,
    directory: Directory = None,
    timeout: Annotated[float, typer.Option(help="Seconds until the cluster must serve.")] = 90.0,
    as_json: Json = False,
) -> None:
    """Start Kafka and return once it serves. Started already, nothing changes."""
    from simulations.kafka.state import Request

    daemon = _daemon(directory)
    request = Request(nodes=nodes, ports=tuple(port or ()), data_dir=data_dir, ephemeral=ephemeral)
    with _Fetching() as fetching:
        daemon.start(request, timeout_s=timeout, on_progress=fetching)
    _print(daemon.status(), as_json)


@app.command(epilog="Example: `fogline kafka stop`")
def stop(directory: Directory = None, as_json: Json = False) -> None:
    """Stop the Kafka that `start` began, and nothing else. Stopped already, nothing changes."""
    pids = _daemon(directory).stop()
    if as_json:
        typer.echo(json.dumps({"stopped": pids}))
    else:
        typer.echo(f"stopped {len(pids)} broker{'s' * (len(pids) != 1)}" if pids else "Kafka was not running")


@app.command(epilog="Example: `fogline kafka status --json`")
def status(directory: Directory = None, as_json: Json = False) -> None:
    """Say what runs, asked of the brokers themselves. Exit code 0 if the cluster serves, 7 if not."""
    found = _daemon(directory).status()
    _print(found, as_json)
    if found.state != "running":
        raise typer.Exit(NOT_RUNNING)


def _daemon(directory: Path | None) -> "Daemon":
    from simulations.kafka import daemon, state

    # A broker that does not listen yet is no news to a person who waits for it.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    return daemon.Daemon((directory or state.default_directory()).resolve())


def _print(found: "Status", as_json: bool) -> None:
    import msgspec

    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    elif not found.nodes:
        typer.echo("Kafka was never started here; `fogline kafka start` does")
    else:
        _print_table(found)


def _print_table(found: "Status") -> None:
    typer.echo(f"Kafka is {found.state}; bootstrap servers {found.bootstrap_servers}")
    typer.echo(f"data   {found.data_dir}{' (thrown away by stop)' * found.ephemeral}")
    for node in found.nodes:
        typer.echo(f"node {node.node}  {f'pid {node.pid}' if node.pid else 'not running'}, log {node.log}")


class _Fetching(AbstractContextManager["_Fetching"]):
    """A progress bar on the error stream, shown from the first jar that has to be fetched."""

    def __init__(self) -> None:
        self._progress: Any = None
        self._task: Any = None

    def __call__(self, done: int, wanted: int) -> None:
        if self._progress is None:
            from rich.console import Console
            from rich.progress import Progress

            self._progress = Progress(console=Console(stderr=True), transient=True)
            self._progress.start()
            self._task = self._progress.add_task("Fetching Kafka, 45 MB, once", total=wanted)
        self._progress.update(self._task, completed=done)

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()
