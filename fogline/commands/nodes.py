"""`fogline nodes`."""

from typing import Annotated

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.labels import changed_labels
from fogline.output import Page
from shared.documents import NodeView

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Node = Annotated[str, typer.Argument(metavar="NODE", help="The node's name.")]


@app.command("list", epilog=examples("fogline nodes list", "fogline nodes list --json"))
@connected
def list_(door: Door) -> Page:
    """All nodes, their states and what they run."""
    nodes = door.client.nodes.list()
    return Page(document={"items": nodes}, view=lambda: tables.nodes(nodes))


@app.command(epilog=examples("fogline nodes show edge-1"))
@connected
def show(door: Door, name: Node) -> Page:
    """One node and its workloads."""
    return _page(door.client.nodes.get(name))


@app.command(
    epilog=examples("fogline nodes label edge-1 site=lisbon gpu-", "fogline nodes label edge-1 tier=edge --replace")
)
@connected
def label(
    door: Door,
    name: Node,
    changes: Annotated[list[str], typer.Argument(metavar="KEY=VALUE | KEY-", help="Set a label, or take one away.")],
    replace: Annotated[bool, typer.Option("--replace", help="Take away all labels that are not named.")] = False,
) -> Page:
    """Change labels; workloads are placed anew."""
    current = {} if replace else door.client.nodes.get(name).labels
    return _page(door.client.nodes.label(name, changed_labels(current, changes)))


@app.command(epilog=examples("fogline nodes drain edge-1"))
@connected
def drain(door: Door, name: Node) -> Page:
    """Move its workloads elsewhere, and give it no new ones."""
    return _page(door.client.nodes.drain(name))


@app.command(epilog=examples("fogline nodes undrain edge-1"))
@connected
def undrain(door: Door, name: Node) -> Page:
    """Let it have workloads again."""
    return _page(door.client.nodes.undrain(name))


@app.command(epilog=examples("fogline nodes confirm edge-1"))
@connected
def confirm(door: Door, name: Node) -> Page:
    """After the control plane was restored from an older copy: go on above what this node has seen."""
    return _page(door.client.nodes.confirm_generation(name))


@app.command(epilog=examples("fogline nodes remove edge-1"))
@connected
def remove(door: Door, name: Node) -> Page:
    """Withdraw its credential and place its workloads elsewhere."""
    door.client.nodes.remove(name)
    return Page(document={"removed": name}, view=lambda: f"{name} is removed.")


def _page(view: NodeView) -> Page:
    return Page(document=view, view=lambda: tables.node(view))
