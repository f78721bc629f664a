"""`fogline networks`."""

from typing import Annotated

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.network_files import named_files, network_source
from fogline.output import Page
from fogline.progress import bars
from shared.documents import Framework, NetworkSource

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NETWORK", help="The network's name.")]


@app.command("list", epilog=examples("fogline networks list"))
@connected
def list_(door: Door) -> Page:
    """All networks that can be trained."""
    sources = door.client.networks.list()
    return Page(document={"items": sources}, view=lambda: tables.networks(sources))


@app.command(epilog=examples("fogline networks show fashion"))
@connected
def show(door: Door, name: Name) -> Page:
    """One network and its files."""
    return _page(door.client.networks.get(name))


@app.command(
    epilog=examples(
        "fogline networks put fashion examples/fashion_mnist/network.py",
        "fogline networks put mnist edge=edge.py fog=fog.py cloud=cloud.py --framework torch",
    )
)
@connected
def put(
    door: Door,
    name: Name,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE | TIER=FILE...",
            help="A Python file with a function network(), or one for each tier of a chain, the sensor's first.",
        ),
    ],
    framework: Annotated[Framework, typer.Option(help="What network() returns a network of.")] = Framework.KERAS,
    description: Annotated[str, typer.Option(metavar="TEXT", help="For people.")] = "",
) -> Page:
    """Upload a network's source, to be trained. It is run on the nodes that train it, and nowhere else."""
    found = named_files(files)
    source = network_source(name, found, framework=framework, description=description)
    with bars() as report:
        for file in found.values():
            door.client.artifacts.upload(file, progress=report)
    return _page(door.client.networks.put(source))


@app.command(epilog=examples("fogline networks remove fashion"))
@connected
def remove(door: Door, name: Name) -> Page:
    """Forget a network that no configuration names; runs and versions made of it stay."""
    door.client.networks.delete(name)
    return Page(document={"removed": name}, view=lambda: f"{name} is removed.")


def _page(source: NetworkSource) -> Page:
    return Page(document=source, view=lambda: tables.network(source))
