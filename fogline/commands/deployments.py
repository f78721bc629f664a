"""`fogline deployments`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.document_files import read_document
from fogline.output import Page
from fogline.progress import waiting
from fogline.references import find, parse
from shared.documents import Deployment, DeploymentStatus, DeploymentView, ExitPolicy
from shared.documents.types import Message
from shared.errors import DocumentError


class Exits(Message, frozen=True, kw_only=True):
    """What is read of a calibration."""

    policies: tuple[ExitPolicy | None, ...]


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="The deployment's name.")]
Wait = Annotated[bool, typer.Option("--wait", help="Come back when it is ready everywhere.")]
Deadline = Annotated[float, typer.Option("--deadline", metavar="SECONDS", min=0, help="How long to wait at most.")]
DEADLINE_S = 120.0


@app.command("list", epilog=examples("fogline deployments list"))
@connected
def list_(door: Door) -> Page:
    """All deployments."""
    views = door.client.deployments.list()
    return Page(document={"items": views}, view=lambda: tables.deployments(views))


@app.command(epilog=examples("fogline deployments show fashion --json"))
@connected
def show(door: Door, name: Name) -> Page:
    """What is wanted of one deployment."""
    return _view(door.client.deployments.get(name))


@app.command(
    epilog=examples(
        "fogline deployments put fashion.toml --dry-run",
        "fogline deployments put fashion.toml --wait",
        "fogline deployments put fashion.toml --model fashion-mnist@production",
    )
)
@connected
def put(
    door: Door,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A deployment in JSON or TOML; `-` is stdin.")],
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL[/NUMBER|@ALIAS]", help="This version, in place of what the file says."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would do, and do nothing.")] = False,
    if_match: Annotated[str | None, typer.Option("--if-match", metavar="ETAG", help="Only if it still is.")] = None,
    wait: Wait = False,
    deadline: Deadline = DEADLINE_S,
) -> Page:
    """Say what is wanted; the same again changes nothing. Its model may be `MODEL@ALIAS`: the version it means now."""
    deployment = read_document(file, Deployment, changed=lambda fields: _with_version(door, fields, model))
    if dry_run:
        plan = door.client.deployments.plan(deployment)
        return Page(document=plan, view=lambda: tables.plan(plan))
    view = door.client.deployments.put(deployment, if_match=if_match)
    return _waited(door, view.deployment.name, deadline) if wait else _view(view)


@app.command(epilog=examples("fogline deployments threshold fashion edge 0.7 --wait"))
@connected
def threshold(
    door: Door,
    name: Name,
    tier: Annotated[str, typer.Argument(metavar="TIER", help="Whose exit.")],
    value: Annotated[float, typer.Argument(metavar="VALUE", min=0, max=1, help="0 answers all, 1 only the surest.")],
    wait: Wait = False,
    deadline: Deadline = DEADLINE_S,
) -> Page:
    """Change how sure an exit must be to answer; applied without a reload."""
    view = door.client.deployments.set_threshold(name, tier, value)
    return _waited(door, name, deadline) if wait else _view(view)


@app.command(
    epilog=examples("fogline models exits outputs.npz --risk 0.01 --json | fogline deployments exits fashion -")
)
@connected
def exits(
    door: Door,
    name: Name,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `fogline models exits --json` prints; `-` is stdin.")
    ],
    wait: Wait = False,
    deadline: Deadline = DEADLINE_S,
) -> Page:
    """Make every early exit as sure as was found by risk; applied without a reload."""
    view = door.client.deployments.set_exits(name, read_document(file, Exits).policies)
    return _waited(door, name, deadline) if wait else _view(view)


@app.command(epilog=examples("fogline deployments status fashion", "fogline deployments status fashion --wait"))
@connected
def status(door: Door, name: Name, wait: Wait = False, deadline: Deadline = DEADLINE_S) -> Page:
    """Where it runs, and what keeps it from being ready."""
    return _waited(door, name, deadline) if wait else _status(door.client.deployments.status(name))


@app.command(epilog=examples("fogline deployments delete fashion"))
@connected
def delete(door: Door, name: Name) -> Page:
    """Drain it and take it off its nodes; its topics stay."""
    door.client.deployments.delete(name)
    return Page(document={"deleted": name}, view=lambda: f"{name} is deleted.")


def _with_version(door: Door, fields: dict[str, Any], model: str | None) -> dict[str, Any]:
    """The version that a name with a number or an alias means now stands in the document that is put."""
    named = fields.get("model") if model is None else model
    if not isinstance(named, str) or (model is None and "@" not in named and "/" not in named):
        return fields
    if model is None and fields.get("version", "latest") != "latest":
        raise DocumentError(f"{named} names a version already", field="version")
    reference = parse(named)
    if reference.version is None and reference.alias is None:
        return {**fields, "model": reference.model, "version": "latest"}
    version = find(door.client, reference)
    return {**fields, "model": version.manifest.name, "version": version.version}


def _waited(door: Door, name: str, deadline_s: float) -> Page:
    with waiting(f"waiting for {name}"):
        return _status(door.client.deployments.wait_until_ready(name, deadline_s=deadline_s))


def _view(view: DeploymentView) -> Page:
    return Page(document=view, view=lambda: tables.deployments([view]))


def _status(document: DeploymentStatus) -> Page:
    return Page(document=document, view=lambda: tables.status(document))
