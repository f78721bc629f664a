"""`fogline configurations`."""

from pathlib import Path
from typing import Annotated

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.document_files import read_document
from fogline.output import Page
from shared.documents import Configuration, decode, encode
from shared.errors import SettingsError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="CONFIGURATION", help="The configuration's name.")]


@app.command("list", epilog=examples("fogline configurations list"))
@connected
def list_(door: Door) -> Page:
    """All configurations."""
    found = door.client.configurations.list()
    return Page(document={"items": found}, view=lambda: tables.configurations(found))


@app.command(epilog=examples("fogline configurations show digits"))
@connected
def show(door: Door, name: Name) -> Page:
    """Which networks are trained together."""
    return _page(door.client.configurations.get(name))


@app.command(epilog=examples("fogline configurations put digits small large", "fogline configurations put digits.toml"))
@connected
def put(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="CONFIGURATION | FILE", help="Its name, or a document; `-` is stdin.")],
    networks: Annotated[list[str] | None, typer.Argument(metavar="[NETWORK...]", help="Trained on one stream.")] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT", help="For people.")] = None,
) -> Page:
    """Say which networks are trained on the same stream, each by a run of its own."""
    return _page(door.client.configurations.put(_given(name, networks or [], description)))


@app.command(epilog=examples("fogline configurations remove digits"))
@connected
def remove(door: Door, name: Name) -> Page:
    """Forget a configuration that no training request names."""
    door.client.configurations.delete(name)
    return Page(document={"removed": name}, view=lambda: f"{name} is removed.")


def _given(name: str, networks: list[str], description: str | None) -> Configuration:
    said = {} if description is None else {"description": description}
    if networks:
        return decode(encode({"name": name, "networks": networks, **said}), Configuration)
    file = Path(name)
    if name != "-" and not file.is_file():
        raise SettingsError(f"{name} is no file; a configuration by its name needs its networks after it")
    return read_document(file, Configuration, changed=lambda fields: {**fields, **said})


def _page(found: Configuration) -> Page:
    return Page(document=found, view=lambda: tables.configurations([found]))
