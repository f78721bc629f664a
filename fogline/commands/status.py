"""`fogline status`."""

from http import HTTPStatus
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.health import Overview, overview
from fogline.output import Page
from shared.documents.federation_workloads import FederationView
from shared.errors import ControlPlaneError

UNWELL = 1


def register(app: typer.Typer) -> None:
    app.command("status", epilog=examples("fogline status", "fogline status --check && echo all is well"))(status)


@connected
def status(
    door: Door,
    check: Annotated[bool, typer.Option("--check", help="Exit with 1 when something is not well.")] = False,
) -> Page:
    """One page: the control plane, its nodes and deployments, and what is not well and why."""
    names = [view.deployment.name for view in door.client.deployments.list()]
    statuses = [door.client.deployments.status(name) for name in names]
    document = overview(door.client.url, door.client.nodes.list(), statuses, _federations(door))
    return Page(document=document, view=lambda: _view(document), exit_code=UNWELL if check and document.unwell else 0)


def _federations(door: Door) -> tuple[FederationView, ...]:
    try:
        return door.client.federations.list()
    except ControlPlaneError as error:
        # One that is older than this program has none.
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return ()


def _view(document: Overview) -> RenderableType:
    unwell = [Text(f"{one.subject}: {one.reason}", style="red") for one in document.unwell]
    return Group(
        Text(f"Control plane at {document.url} answers."),
        Text(),
        tables.nodes(document.nodes),
        tables.readiness(document.deployments),
        *(unwell or [Text("All is well.", style="green")]),
    )
