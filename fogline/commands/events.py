"""`fogline events`."""

from typing import Annotated

import typer

from fogline.command import Door, connected, examples
from fogline.output import line
from shared.documents import Event


def register(app: typer.Typer) -> None:
    app.command("events", epilog=examples("fogline events", "fogline events --after 120 --json --limit 10"))(events)


@connected
def events(
    door: Door,
    after: Annotated[int, typer.Option(metavar="SEQUENCE", min=0, help="Only what came after this one.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
) -> None:
    """Follow what changes in the control plane, one line each; `--json` gives a document a line."""
    for count, event in enumerate(door.client.events(after=after), start=1):
        if door.as_json:
            line(event)
        else:
            print(_readable(event), flush=True)
        if count == limit:
            return


def _readable(event: Event) -> str:
    detail = ", ".join(f"{name} {value}" for name, value in event.detail.items())
    return f"{event.sequence:>6}  {event.time}  {event.subject}: {event.kind.replace('_', ' ')}" + (
        f" ({detail})" if detail else ""
    )
