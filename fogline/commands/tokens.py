"""`fogline tokens`."""

from typing import Annotated

import typer
from rich.console import Group

from fogline.command import Door, connected, examples
from fogline.labels import parse_labels
from fogline.output import Page
from shared.documents import EnrolmentTokenRequest

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
DAY_S = 86_400.0


@app.callback()
def tokens() -> None:
    """Tokens that let a node in."""


@app.command(epilog=examples("fogline tokens create --label tier=edge", "fogline tokens create --json | jq -r .token"))
@connected
def create(
    door: Door,
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="KEY=VALUE", help="Forced upon the node that uses it.")
    ] = None,
    expires_after: Annotated[
        float,
        typer.Option("--expires-after", metavar="SECONDS", min=1, max=31_536_000, help="How long it can be used."),
    ] = DAY_S,
) -> Page:
    """A token for one node, once. It is shown here and never again."""
    request = EnrolmentTokenRequest(expires_after_s=expires_after, labels=parse_labels(label or ()))
    token = door.client.tokens.create(request)
    command = f"fogline-agent --control-plane {door.context.url} --token {token.token}"
    return Page(
        document=token,
        view=lambda: Group(f"{token.token}", f"Until {token.expires_at}, for one node:", f"  {command}"),
    )
