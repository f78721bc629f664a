"""`fogline streams list`, `show` and `reuse`: the streams that were announced."""

from typing import Annotated

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.commands.latest import Limit, latest
from fogline.output import Page
from shared.documents.stream import StreamView

Stream = Annotated[str, typer.Argument(metavar="STREAM", help="Its id, as `fogline streams list` has it.")]


def register(app: typer.Typer) -> None:
    app.command("list", epilog=examples("fogline streams list", "fogline streams list --cluster edge --limit 10"))(
        list_
    )
    app.command(epilog=examples("fogline streams show s-0123456789abcdef"))(show)
    app.command(epilog=examples("fogline streams reuse s-0123456789abcdef --request digits"))(reuse)


@connected
def list_(
    door: Door,
    cluster: Annotated[str | None, typer.Option(metavar="NAME", help="Announced there only.")] = None,
    limit: Limit = None,
) -> Page:
    """The streams that were announced, and whether the log still has them."""
    found = latest(lambda most: door.client.streams.list(cluster=cluster, limit=most), limit)
    return Page(document={"items": found}, view=lambda: tables.streams(found))


@connected
def show(door: Door, stream: Stream) -> Page:
    """One stream: what it holds, how it is read, and the runs that were trained on it."""
    return _page(door.client.streams.get(stream))


@connected
def reuse(
    door: Door,
    stream: Stream,
    request: Annotated[str, typer.Option(metavar="REQUEST", help="Whose networks are trained on it.")],
) -> Page:
    """Train a request's networks on a stream that was sent before; nothing is sent again."""
    runs = door.client.requests.reuse(request, stream)
    return Page(document={"items": runs}, view=lambda: tables.runs(runs))


def _page(view: StreamView) -> Page:
    return Page(document=view, view=lambda: tables.stream(view))
