"""`fogline federations picture`."""

from pathlib import Path
from typing import Annotated

import typer

from fogline.command import Door, connected, examples
from fogline.output import Page


def register(app: typer.Typer) -> None:
    app.command("picture", epilog=examples("fogline federations picture digits --out digits.png"))(picture)


@connected
def picture(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="FEDERATION", help="The federation's name.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .png or .svg.", show_default=False)],
) -> Page:
    """Draw how good its models became, over rounds and over time, and when each site's updates came, and how stale."""
    from fogline.federation_pictures import draw, require_drawable

    require_drawable(out)
    draw(door.client.federations.get(name), out)
    return Page(document={"drawn": str(out)}, view=lambda: f"drawn: {out}")
