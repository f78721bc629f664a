"""`fogline send`."""

import os
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.clusters import BootstrapServers, ClusterFiles, find_cluster, unnamed_cluster
from fogline.command import Door, connected, examples
from fogline.context import read_current
from fogline.output import Page
from shared.documents import Cluster
from shared.errors import SettingsError
from shared.topics import input_topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fogline.outgoing import Outgoing
    from fogline.sending import Sent


def register(app: typer.Typer) -> None:
    app.command(
        "send",
        epilog=examples(
            "fogline send fashion examples/fashion_mnist/sample.npz --rate 100",
            "fogline send vibrations examples/sensor/sample.jsonl --field record",
            "fogline send --topic readings readings.jsonl --keys machine",
            "tail -f readings.jsonl | fogline send vibrations -",
        ),
    )(send)


@connected
def send(
    door: Door,
    places: Annotated[
        list[str],
        typer.Argument(metavar="[DEPLOYMENT] FILE", help="A .npz, a .jsonl, or `-` for JSON lines from stdin."),
    ],
    topic: Annotated[str | None, typer.Option(help="Send here, instead of to a deployment's first tier.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="Records a second; as fast as can be if not given.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    repeat: Annotated[bool, typer.Option("--repeat", help="Begin the file again until --limit or Ctrl-C.")] = False,
    field: Annotated[str | None, typer.Option(help="The array whose rows, or the JSON member that is sent.")] = None,
    keys: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Array or JSON member that gives Kafka keys.")
    ] = None,
    bare: Annotated[bool, typer.Option("--bare", help="Send bytes alone, without ids.")] = False,
    bootstrap_servers: BootstrapServers = None,
    cluster_file: ClusterFiles = None,
) -> Page:
    """Send records to a deployment or a topic; each row of `images` or `x`, or each line, is one."""
    import asyncio

    from fogline import sending

    deployment, file = _places(places, topic)
    cluster, topic = _target(door, deployment, topic, bootstrap_servers, cluster_file or [])
    sent = asyncio.run(
        sending.send(
            cluster,
            topic,
            _batches(file, field, keys, repeated=repeat),
            pace=sending.Pace(rate=rate, limit=limit),
            token=None if bare else sending.new_token,
        )
    )
    return Page(document=sent, view=lambda: _readable(sent))


def _places(places: list[str], topic: str | None) -> tuple[str | None, Path]:
    if topic is None and len(places) == 2:
        return places[0], Path(places[1])
    if topic is not None and len(places) == 1:
        return None, Path(places[0])
    raise SettingsError("write `fogline send DEPLOYMENT FILE` or `fogline send --topic TOPIC FILE`")


def _target(
    door: Door, deployment: str | None, topic: str | None, bootstrap_servers: str | None, files: list[Path]
) -> tuple[Cluster, str]:
    if deployment is None:
        left = None if files else read_current(os.environ)
        return unnamed_cluster(bootstrap_servers or (left.bootstrap_servers if left else None), files), topic or ""
    document = door.client.deployments.get(deployment).deployment
    first = document.tiers[0]
    cluster = find_cluster(
        first.cluster, ask=door.client.clusters.get, bootstrap_servers=bootstrap_servers, files=files
    )
    return cluster, input_topic(document, first)


def _batches(file: Path, field: str | None, keys: str | None, *, repeated: bool) -> "Iterator[list[Outgoing]]":
    from fogline.outgoing import STDIN, read_batches

    if not repeated:
        return read_batches(file, field=field, keys=keys)
    if file == STDIN:
        raise SettingsError("stdin cannot be begun again: leave out --repeat")
    return chain.from_iterable(read_batches(file, field=field, keys=keys) for _ in count())


def _readable(sent: "Sent") -> str:
    return (
        f"{sent.records} records ({sent.bytes / 1e6:.3g} MB) to {sent.topic} "
        f"in {sent.seconds:.1f} s, {sent.records_per_s:.0f} a second"
    )
