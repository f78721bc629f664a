"""`fogline requests`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from fogline import tables
from fogline.command import Door, connected, examples
from fogline.commands import request_flags as flags
from fogline.document_files import read_document
from fogline.labels import parse_labels
from fogline.output import Page
from fogline.references import find, parse
from fogline.request_options import checked, with_options
from shared.documents import ArtifactFormat, Precision, TrainingRequest
from shared.errors import ControlPlaneError, SettingsError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="REQUEST", help="The training request's name.")]


@app.command("list", epilog=examples("fogline requests list"))
@connected
def list_(door: Door) -> Page:
    """All training requests."""
    found = door.client.requests.list()
    return Page(document={"items": found}, view=lambda: tables.requests(found))


@app.command(epilog=examples("fogline requests show digits"))
@connected
def show(door: Door, name: Name) -> Page:
    """What a request waits for and how it trains, and how a stream is announced to it."""
    return _page(door, door.client.requests.get(name))


@app.command(
    epilog=examples(
        "fogline requests put digits.toml",
        "fogline requests put digits --configuration digits --cluster edge --epochs 10",
        "fogline requests put digits.toml --start-from digits@production --epochs 3 --learning-rate 1e-4",
    )
)
@connected
def put(
    door: Door,
    name: flags.Given,
    configuration: flags.Configuration = None,
    cluster: flags.Cluster = None,
    control_topic: flags.ControlTopic = None,
    number: flags.Number = None,
    epochs: flags.Epochs = None,
    batch: flags.Batch = None,
    learning_rate: flags.LearningRate = None,
    seed: flags.Seed = None,
    early_stopping: flags.EarlyStopping = None,
    validation: flags.Share = None,
    test: flags.Share = None,
    format: flags.Formats = None,
    precision: flags.Precisions = None,
    start_from: flags.StartFrom = None,
    selector: flags.Selector = None,
) -> Page:
    """Say what is to be trained when a stream is announced to its number. Options stand above what the file says."""
    options: dict[tuple[str, ...], object] = {
        ("configuration",): configuration,
        ("cluster",): cluster,
        ("control_topic",): control_topic,
        ("number",): number,
        ("parameters", "epochs"): epochs,
        ("parameters", "batch"): batch,
        ("parameters", "optimiser", "learning_rate"): learning_rate,
        ("parameters", "seed"): seed,
        ("parameters", "early_stopping"): early_stopping,
        ("rates", "validation"): validation,
        ("rates", "test"): test,
        ("export", "forms"): _forms(format or [], precision or []),
        ("start_from",): _version(door, start_from),
        ("selector",): parse_labels(selector) if selector else None,
    }
    request = _given(name, lambda fields: with_options(fields, options), is_name=configuration is not None)
    return _page(door, door.client.requests.put(request))


@app.command(epilog=examples("fogline requests remove digits"))
@connected
def remove(door: Door, name: Name) -> Page:
    """Forget a request that has no run under way; its runs and their versions stay."""
    door.client.requests.delete(name)
    return Page(document={"removed": name}, view=lambda: f"{name} is removed.")


def _given(name: str, changed: Callable[[dict[str, Any]], dict[str, Any]], *, is_name: bool) -> TrainingRequest:
    file = Path(name)
    if file.is_file() or name == "-":
        return read_document(file, TrainingRequest, changed=changed)
    if not is_name:
        raise SettingsError(f"{name} is no file; a request by its name needs --configuration and --cluster")
    return checked(changed({"name": name}))


def _forms(formats: list[ArtifactFormat], precisions: list[Precision]) -> list[dict[str, str]] | None:
    """Every format in every precision."""
    if not formats and not precisions:
        return None
    return [
        {"format": format, "precision": precision}
        for format in formats or [ArtifactFormat.TFLITE]
        for precision in precisions or [Precision.FLOAT32]
    ]


def _version(door: Door, text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    found = find(door.client, parse(text))
    return {"model": found.manifest.name, "version": found.version}


def _page(door: Door, request: TrainingRequest) -> Page:
    # Asked now: when the page is shown, the door is shut.
    brokers = _brokers(door, request.cluster)
    return Page(document=request, view=lambda: tables.request(request, brokers=brokers))


def _brokers(door: Door, cluster: str) -> tuple[str, ...]:
    """They only make a line for people more useful: without them it names the cluster."""
    try:
        return door.client.clusters.get(cluster).bootstrap_servers
    except ControlPlaneError:
        return ()
