"""`fogline models alias`, `unalias`, `note`, `remove`, `download`, `lineage`: what becomes of a version."""

from pathlib import Path
from typing import Annotated

import typer

from fogline import model_download, tables
from fogline.command import Door, connected, examples
from fogline.lineage import Kin, kin
from fogline.output import Page
from fogline.progress import bars
from fogline.references import find, parse
from shared.documents import ArtifactFormat, ModelVersion, Precision

Model = Annotated[str, typer.Argument(metavar="MODEL", help="The model's name.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="Its number.")]
Alias = Annotated[str, typer.Argument(metavar="ALIAS", help="A name such as candidate or production.")]
Reference = Annotated[
    str, typer.Argument(metavar="MODEL[/NUMBER|@ALIAS]", help="The latest version if neither is given.")
]


def register(app: typer.Typer) -> None:
    app.command(epilog=examples("fogline models alias digits 3 production"))(alias)
    app.command(epilog=examples("fogline models unalias digits candidate"))(unalias)
    app.command(epilog=examples('fogline models note digits 3 "trained without the second camera"'))(note)
    app.command(epilog=examples("fogline models remove digits 2"))(remove)
    app.command(
        epilog=examples(
            "fogline models download digits@production --to digits",
            "fogline models download digits/3 --to digits-3 --tier edge --run-files",
        )
    )(download)
    app.command(epilog=examples("fogline models lineage digits@production"))(lineage)


@connected
def alias(door: Door, name: Model, version: Version, alias: Alias) -> Page:
    """Let a name mean this version from now on; what is deployed stays as it is."""
    return _page(door.client.models.set_alias(name, alias, version))


@connected
def unalias(door: Door, name: Model, alias: Alias) -> Page:
    """Take a name away from the version that has it."""
    door.client.models.remove_alias(name, alias)
    return Page(document={"removed": f"{name}@{alias}"}, view=lambda: f"{name}@{alias} is removed.")


@connected
def note(
    door: Door,
    name: Model,
    version: Version,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="In place of the one before; empty takes it away.")],
) -> Page:
    """Write down what people should know of a version."""
    return _page(door.client.models.set_note(name, version, text))


@connected
def remove(door: Door, name: Model, version: Version) -> Page:
    """Forget a version that is not deployed and has no alias; its number is not given again."""
    door.client.models.delete(name, version)
    return Page(document={"removed": f"{name}/{version}"}, view=lambda: f"{name}/{version} is removed.")


@connected
def download(
    door: Door,
    model: Reference,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Made if it is missing.")],
    tier: Annotated[list[str] | None, typer.Option(help="Only this tier's artifacts. Repeatable.")] = None,
    format: Annotated[ArtifactFormat | None, typer.Option(help="Only those of one format.")] = None,
    precision: Annotated[Precision | None, typer.Option(help="Only those of one precision.")] = None,
    run_files: Annotated[
        bool, typer.Option("--run-files", help="Also what its run left: weights, judgements, history.")
    ] = False,
) -> Page:
    """Fetch a version's artifacts and its manifest; a folder with all of them can be registered elsewhere."""
    version = find(door.client, parse(model))
    wanted = model_download.Wanted(tiers=tuple(tier or ()), format=format, precision=precision)
    with bars() as report:
        files = model_download.fetch(door.client, version, to, wanted, progress=report)
        if run_files:
            files += model_download.fetch_of_run(door.client, version, to, progress=report)
    names = [str(one) for one in files]
    return Page(document={"files": names}, view=lambda: "\n".join(names))


@connected
def lineage(door: Door, model: Reference) -> Page:
    """Where a version comes from, and what came of it: versions that began with its weights, deployments."""
    found: Kin = kin(door.client, find(door.client, parse(model)))
    return Page(document=found, view=lambda: tables.lineage(found))


def _page(version: ModelVersion) -> Page:
    return Page(document=version, view=lambda: tables.model(version))
