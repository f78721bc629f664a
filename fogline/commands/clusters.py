"""`fogline clusters`."""

from pathlib import Path
from typing import Annotated

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.document_files import read_document
from fogline.output import Page
from shared.documents import Cluster

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="CLUSTER", help="The cluster's name.")]


@app.command("list", epilog=examples("fogline clusters list"))
@connected
def list_(door: Door) -> Page:
    """All clusters; their secrets are not shown."""
    clusters = door.client.clusters.list()
    return Page(document={"items": clusters}, view=lambda: tables.clusters(clusters))


@app.command(epilog=examples("fogline clusters show edge"))
@connected
def show(door: Door, name: Name) -> Page:
    """One cluster; its secrets are not shown."""
    return _page(door.client.clusters.get(name))


@app.command(epilog=examples("fogline clusters put edge.toml", "fogline clusters put - < edge.json"))
@connected
def put(
    door: Door,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A cluster in JSON or TOML; `-` is stdin.")],
) -> Page:
    """Say what a cluster's name means. A secret given as `***` stays what it was."""
    return _page(door.client.clusters.put(read_document(file, Cluster)))


@app.command(epilog=examples("fogline clusters delete edge"))
@connected
def delete(door: Door, name: Name) -> Page:
    """Forget a cluster that no deployment names."""
    door.client.clusters.delete(name)
    return Page(document={"deleted": name}, view=lambda: f"{name} is deleted.")


def _page(cluster: Cluster) -> Page:
    return Page(document=cluster, view=lambda: tables.clusters([cluster]))
