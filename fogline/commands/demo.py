"""`fogline demo`: the whole of Fogline on this machine, for a person to watch."""

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.command import examples
from fogline.output import show

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from simulations.demo.scoreboard import Figures
    from simulations.demo.story import Show
    from simulations.stack import Say

RECORDS = 4000
RATE = 200.0
MOST_RATE_OVER_LINKS = 2000.0
PLAIN_LINE_EVERY_S = 2.0
PLAIN_WIDTH = 100


def register(app: typer.Typer) -> None:
    app.command("demo", epilog=examples("fogline demo --records 10000 --rate 500", "fogline demo --links 4g"))(demo)


def demo(
    records: Annotated[
        int | None, typer.Option(min=1, help="How many images are sent: 4000, or 2000 over links.", show_default=False)
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.1, help="Images a second: 200, or 100 over links.", show_default=False)
    ] = None,
    links: Annotated[
        str | None,
        typer.Option(
            metavar="PRESET",
            help="Put such a link above the edge (lan, wifi, 4g, 5g, wan, satellite) and compare with the cloud alone.",
            show_default=False,
        ),
    ] = None,
    bootstrap_servers: Annotated[
        str | None, typer.Option(help="Use this Kafka cluster (host:port,...) and start none.")
    ] = None,
    example: Annotated[Path | None, typer.Option(help="Folder of another example.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")] = False,
) -> None:
    """Start Kafka, a control plane and three agents; stream images; show where each answer comes from."""
    from rich.console import Console

    console = Console(stderr=as_json)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    if links is not None:
        _over_links(console, links, records, rate, bootstrap_servers, example, as_json=as_json)
        return
    figures, reference = _play(console, records or RECORDS, rate or RATE, bootstrap_servers, example, quiet=as_json)
    if as_json:
        import msgspec

        print(msgspec.json.encode({"figures": figures, "cloud_alone_accuracy": reference}).decode())


def _over_links(
    console: "Console",
    preset: str,
    records: int | None,
    rate: float | None,
    bootstrap_servers: str | None,
    folder: Path | None,
    *,
    as_json: bool,
) -> None:
    for given, flag in ((bootstrap_servers, "--bootstrap-servers"), (folder, "--example")):
        if given is not None:
            raise typer.BadParameter(f"--links starts clusters of its own for the built-in example: leave {flag} out")
    if rate is not None and rate > MOST_RATE_OVER_LINKS:
        raise typer.BadParameter(
            f"--links has one sensor, which sends at most {MOST_RATE_OVER_LINKS:g} images a second"
        )
    from fogline.demo_over_links import play

    page = play(console, preset, records, rate, quiet=as_json)
    if as_json:
        show(page, as_json=True)
    else:
        console.print(page.view())
        console.print("Everything was stopped. Next, experiments of your own over links: docs/simulate.md")


def _play(
    console: "Console", records: int, rate: float, bootstrap_servers: str | None, folder: Path | None, *, quiet: bool
) -> "tuple[Figures, float | None]":
    from simulations.demo.example import Example
    from simulations.demo.reference import last_exit_accuracy
    from simulations.demo.story import Load, deploy, stream
    from simulations.stack import Stack

    example = Example.load(folder)
    began = time.monotonic()
    with ExitStack() as open_:
        directory = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="fogline-demo-")))
        status = open_.enter_context(console.status("starting"))
        say = _narrator(console, status, quiet=quiet)
        stack = open_.enter_context(
            Stack(
                directory,
                agents={f"{tier}-1": {"tier": tier} for tier in example.tiers},
                bootstrap_servers=bootstrap_servers,
                on_progress=lambda done, wanted: status.update(f"fetching Kafka: {done} of {wanted} files"),
                say=say,
            )
        )
        deployment = deploy(stack, example, say=say)
        status.stop()
        if not quiet:
            console.print(f"running after {time.monotonic() - began:.1f} s; Ctrl-C stops everything")
        with _picture(console, example.manifest.name, quiet=quiet) as show:
            figures = asyncio.run(stream(stack, example, deployment, Load(records=records, rate=rate), show=show))
        say = _narrator(console, open_.enter_context(console.status("")), quiet=quiet)
        say("cleaning up")
        reference = last_exit_accuracy(example)
    if not quiet:
        _summarise(console, figures, reference)
    return figures, reference


def _narrator(console: "Console", status: "Status", *, quiet: bool) -> "Say":
    """A spinner's words on a terminal, lines elsewhere."""

    def say(text: str) -> None:
        status.update(text)
        if not console.is_terminal and not quiet:
            console.print(text)
            sys.stdout.flush()

    return say


class _picture:  # noqa: N801 - used as a context manager, like a function
    """Gives a `Show`: a live picture on a terminal, a line now and then elsewhere."""

    def __init__(self, console: "Console", title: str, *, quiet: bool) -> None:
        from rich.live import Live

        self._console, self._title = console, f"{title}: where each answer came from"
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal and not quiet else None
        self._quiet = quiet
        self._next_line_s = 0.0

    def __enter__(self) -> "Show":
        if self._live is not None:
            self._live.start()
        return self._show

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def _show(self, figures: "Figures") -> None:
        from simulations.demo.picture import line, picture

        if self._live is not None:
            self._live.update(picture(figures, title=self._title), refresh=True)
        elif not self._quiet and time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + PLAIN_LINE_EVERY_S
            self._console.print(line(figures))
            sys.stdout.flush()


def _summarise(console: "Console", figures: "Figures", reference: float | None) -> None:
    from simulations.demo.picture import percent, picture

    if not console.is_terminal:
        console.print(picture(figures, title="Summary"))
    console.print(
        f"\nThe last tier alone would have been right on {percent(reference)} of these images; "
        f"all tiers together were on {percent(figures.accuracy)}.\n"
        f"Everything was stopped. Next: docs/first-ten-minutes.md, and your own network: docs/bring-your-own-network.md"
    )
