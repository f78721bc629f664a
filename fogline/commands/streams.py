"""`fogline streams`."""

import os
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.clusters import BootstrapServers, ClusterFiles, find_cluster, unnamed_cluster
from fogline.command import Door, connected, examples
from fogline.commands import registry
from fogline.context import read_current
from fogline.output import Page, console
from fogline.progress import counting, waiting
from shared.documents import CONTROL_TOPIC, Cluster, TrainingRequest
from shared.errors import SettingsError

if TYPE_CHECKING:
    from fogline.datasets import Dataset
    from fogline.stream import Stream
    from fogline.stream_sent import StreamSent

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
registry.register(app)
File = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="A .npz, a .csv, or a folder with a folder of images for each class."),
]
Request = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER|NAME",
        help="The training request this stream is for; else nobody is told. "
        "By its name its cluster and control topic are known too.",
    ),
]
ControlTopic = Annotated[str | None, typer.Option(help=f"Where the stream is announced.  [default: {CONTROL_TOPIC}]")]


@app.command(
    epilog=examples(
        "fogline streams send examples/fashion_mnist/sample.npz --topic fashion --request fashion --validation 0.1",
        "fogline streams send iris.csv --topic iris --label-column species --cluster edge",
        "fogline streams send photographs/ --topic photographs --unlabelled more-photographs/",
    )
)
@connected
def send(
    door: Door,
    topic: Annotated[str, typer.Option(help="Where the records go; made if it is missing.")],
    file: File = None,
    request: Request = None,
    unlabelled: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Records without labels, announced along with those of FILE.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of a .csv: which column is the label.  [default: label]")
    ] = None,
    validation: Annotated[float, typer.Option(min=0, max=1, help="The share that is for validation.")] = 0.0,
    test: Annotated[float, typer.Option(min=0, max=1, help="The share that is for the test.")] = 0.0,
    description: Annotated[str, typer.Option(metavar="TEXT", help="For people.")] = "",
    control_topic: ControlTopic = None,
    partitions: Annotated[int | None, typer.Option(min=1, help="How many the topic is made with.")] = None,
    cluster: Annotated[str | None, typer.Option(metavar="NAME", help="A cluster the control plane knows.")] = None,
    bootstrap_servers: BootstrapServers = None,
    cluster_file: ClusterFiles = None,
) -> Page:
    """Send labelled records for training and announce them; the log is the data set."""
    from fogline.stream import Stream
    from fogline.stream_sent import readable

    number, known = _asked(door, request)
    where = cluster or (known.cluster if known and bootstrap_servers is None and not cluster_file else None)
    stream = Stream(
        _cluster(door, where, bootstrap_servers, cluster_file or []),
        topic,
        request=number,
        validation_rate=validation,
        test_rate=test,
        description=description,
        control_topic=control_topic or (known.control_topic if known else CONTROL_TOPIC),
        partitions=partitions,
    )
    labelled = _open(file, label_column, is_labelled=True)
    rest = _open(unlabelled, label_column, is_labelled=False)
    sent = _send(stream, topic, labelled, rest)
    return Page(document=sent, view=lambda: readable(sent))


def _asked(door: Door, request: str | None) -> tuple[int | None, TrainingRequest | None]:
    """A number is taken as it is: it may be one of a Kafka-ML's."""
    if request is None:
        return None, None
    if request.isascii() and request.isdigit():
        return int(request), None
    found = door.client.requests.get(request)
    return found.number, found


def _open(file: Path | None, label_column: str | None, *, is_labelled: bool) -> "Dataset | None":
    from fogline.datasets import open_dataset

    if file is None:
        return None
    with waiting(f"looking at {file}"):
        return open_dataset(file, label_column=label_column, is_labelled=is_labelled)


def _send(stream: "Stream", topic: str, labelled: "Dataset | None", unlabelled: "Dataset | None") -> "StreamSent":
    from fogline.stream_sent import StreamSent

    datasets = [one for one in (labelled, unlabelled) if one is not None]
    if not datasets:
        raise SettingsError("what is to be sent? Name a FILE, or --unlabelled FILE")
    began_s = time.monotonic()
    try:
        with counting("records", sum(one.total for one in datasets)) as count, stream:
            for block in chain.from_iterable(one.blocks() for one in datasets):
                stream.send_many(block.x, block.y)
                count(stream.sent)
    except KeyboardInterrupt as interrupt:
        for note in getattr(interrupt, "__notes__", ()):
            console(stderr=True).print(f"fogline: {note}")
        raise
    seconds = time.monotonic() - began_s
    return StreamSent.of(stream, topic=topic, seconds=seconds, classes=labelled.classes if labelled else ())


def _cluster(door: Door, name: str | None, bootstrap_servers: str | None, files: list[Path]) -> Cluster:
    if name is not None:
        return find_cluster(name, ask=door.client.clusters.get, bootstrap_servers=bootstrap_servers, files=files)
    left = None if files else read_current(os.environ)
    return unnamed_cluster(bootstrap_servers or (left.bootstrap_servers if left else None), files)
