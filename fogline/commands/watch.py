"""`fogline watch`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.clusters import BootstrapServers, ClusterFiles, find_cluster
from fogline.command import Door, connected, examples
from fogline.output import Page
from shared.documents import Cluster, Deployment
from shared.topics import answers_topic

if TYPE_CHECKING:
    from collections.abc import Sequence


def register(app: typer.Typer) -> None:
    app.command(
        "watch",
        epilog=examples(
            "fogline watch fashion",
            "fogline watch fashion --json --limit 100",
            "fogline watch fashion --summary --seconds 30 --labels examples/fashion_mnist/sample.npz",
        ),
    )(watch)


@connected
def watch(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="Whose answers.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many answers.")] = None,
    seconds: Annotated[float | None, typer.Option(min=0.001, help="Stop after so long.")] = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest answers kept.")] = False,
    summary: Annotated[bool, typer.Option("--summary", help="Count by tier instead of showing each.")] = False,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What `fogline send` sent, with its labels: for accuracy.")
    ] = None,
    labels_field: Annotated[str | None, typer.Option(help="The array or JSON member that holds the labels.")] = None,
    bootstrap_servers: BootstrapServers = None,
    cluster_file: ClusterFiles = None,
) -> Page | None:
    """Follow the answers of a deployment, on every cluster where its tiers answer. Ctrl-C ends it."""
    from fogline.watching import Watch, follow_answers

    deployment = door.client.deployments.get(name).deployment
    clusters = _clusters(door, deployment, bootstrap_servers, cluster_file or [])
    watching = Watch(
        tiers=[tier.tier for tier in deployment.tiers],
        labels=_labels(labels, labels_field),
        limit=limit,
        as_json=door.as_json,
        each=not summary,
    )
    topic = answers_topic(deployment)
    places = [(cluster, topic) for cluster in clusters]
    return follow_answers(watching, places, from_start=from_start, seconds=seconds)


def _clusters(door: Door, deployment: Deployment, bootstrap_servers: str | None, files: list[Path]) -> list[Cluster]:
    """One for each place where answers appear, however many of its names mean the same brokers."""
    names = dict.fromkeys(tier.output_cluster or tier.cluster for tier in deployment.tiers)
    found = [
        find_cluster(name, ask=door.client.clusters.get, bootstrap_servers=bootstrap_servers, files=files)
        for name in names
    ]
    return list({frozenset(cluster.bootstrap_servers): cluster for cluster in reversed(found)}.values())[::-1]


def _labels(file: Path | None, field: str | None) -> "Sequence[int | str]":
    if file is None:
        return ()
    from fogline.labels_of_records import read_labels

    return read_labels(file, field=field)
