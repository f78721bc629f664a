"""`fogline models`."""

from pathlib import Path
from typing import Annotated

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.commands import model_check, model_cut, model_exits, model_profile, model_versions
from fogline.output import Page
from fogline.progress import bars
from fogline.references import find, parse
from shared.client import read_manifest
from shared.documents import ModelVersion
from shared.errors import SettingsError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list", epilog=examples("fogline models list", "fogline models list fashion-mnist"))
@connected
def list_(
    door: Door,
    name: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="All versions of it.")] = None,
) -> Page:
    """The latest version of each model, or all versions of one."""
    versions = door.client.models.list() if name is None else door.client.models.versions(name)
    return Page(document={"items": versions}, view=lambda: tables.models(versions))


@app.command(
    epilog=examples(
        "fogline models show fashion-mnist",
        "fogline models show fashion-mnist@production",
        "fogline models show fashion-mnist --version 2",
    )
)
@connected
def show(
    door: Door,
    name: model_versions.Reference,
    version: Annotated[int | None, typer.Option(min=1, help="The same as MODEL/NUMBER.")] = None,
) -> Page:
    """One version: its sub-models and their artifacts, its aliases and what people noted."""
    reference = parse(name)
    if version is None:
        return _page(find(door.client, reference))
    if reference.version is not None or reference.alias is not None:
        raise SettingsError(f"{name} names a version already: leave out --version")
    return _page(door.client.models.get(name, version))


@app.command(
    epilog=examples("fogline models register examples/fashion_mnist", "fogline models register build/manifest.json")
)
@connected
def register(
    door: Door,
    at: Annotated[Path, typer.Argument(metavar="FOLDER|MANIFEST", help="A `manifest.json`, or its folder.")],
) -> Page:
    """Upload a network's artifacts and make a version of it; the same again makes no new one."""
    manifest, folder = read_manifest(at)
    with bars() as report:
        return _page(door.client.models.register(manifest, folder, progress=report))


def _page(version: ModelVersion) -> Page:
    return Page(document=version, view=lambda: tables.model(version))


model_check.register(app)
model_cut.register(app)
model_exits.register(app)
model_profile.register(app)
model_versions.register(app)
