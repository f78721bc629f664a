"""`fogline.Stream` on a real broker: from a few lines of a program to announced records."""

import json
from pathlib import Path

import numpy as np
import pytest

import fogline
from agent.training.reading.shelf import Shelf
from agent.training.reading.stream import StreamReader
from fogline.loop_thread import LoopThread
from shared.documents import Cluster
from shared.streams.decoding import stream_decoder
from shared.streams.inputs import AvroInput
from simulations.kafka.cluster import KafkaCluster

RNG = np.random.default_rng(5)
IMAGES = RNG.integers(0, 256, (700, 4, 3), np.uint8)
LABELS = RNG.integers(0, 10, 700)
READING = {
    "type": "record",
    "name": "Reading",
    "fields": [{"name": name, "type": "double"} for name in ("heat", "hum")],
}
CLASS = {"type": "record", "name": "Class", "fields": [{"name": "class", "type": "int"}]}


class Table:
    """As pandas has them."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows

    def to_numpy(self) -> np.ndarray:
        return self.rows


@pytest.fixture
def servers(broker: KafkaCluster) -> str:
    return broker.bootstrap_servers


async def shelved(servers: str, stream: fogline.Stream, folder: Path, *, labelled: bool = True) -> Shelf:
    """The announced records, as training reads them."""
    found = stream.announcement
    reader = StreamReader(
        cluster=Cluster(name="here", bootstrap_servers=tuple(servers.split(","))),
        ranges=found.ranges if labelled else found.unlabelled_ranges,
        decoder=stream_decoder(found.input, is_labelled=labelled),
    )
    await reader.shelve(folder)
    return Shelf.open(folder)


def in_order_sent(x: np.ndarray, shelf: Shelf) -> np.ndarray:
    """The rows of the shelf for those of `x`, no two of which are the same."""
    rows, _ = shelf[np.arange(len(shelf))]
    places = {row.tobytes(): place for place, row in enumerate(rows)}
    return np.array([places[row.tobytes()] for row in x])


@pytest.mark.parametrize("one_by_one", [False, True])
async def test_the_very_arrays_that_were_sent_are_read(
    servers: str, unique: str, tmp_path: Path, one_by_one: bool
) -> None:
    with fogline.Stream(servers, unique, partitions=3, request=7, control_topic=f"{unique}-control") as stream:
        if one_by_one:
            for image, label in zip(IMAGES, LABELS, strict=True):
                stream.send(image, label)
        else:
            stream.send_many(IMAGES, LABELS)
        assert stream.sent == 700
    shelf = await shelved(servers, stream, tmp_path)
    inputs, labels = shelf[in_order_sent(IMAGES, shelf)]
    assert (inputs == IMAGES).all()
    assert (labels[:, 0] == LABELS).all()
    assert (len(shelf), inputs.dtype, labels.dtype) == (700, IMAGES.dtype, LABELS.dtype)
    assert {one.partition for one in stream.announcement.ranges} == {0, 1, 2}


async def test_records_without_labels_are_announced_beside_those_with(
    servers: str, unique: str, tmp_path: Path
) -> None:
    with fogline.Stream(servers, unique) as stream:
        for number in range(0, 700, 100):
            part = slice(number, number + 100)
            stream.send_many(Table(IMAGES[part]), LABELS[part] if number % 200 else None)
    labelled = await shelved(servers, stream, tmp_path / "labelled")
    unlabelled = await shelved(servers, stream, tmp_path / "unlabelled", labelled=False)
    assert (len(labelled), len(unlabelled)) == (300, 400)
    in_order_sent(IMAGES[100:200], labelled)
    in_order_sent(IMAGES[600:700], unlabelled)


async def test_avro_data_are_read_as_they_were_sent(servers: str, unique: str, tmp_path: Path) -> None:
    readings = RNG.normal(size=(50, 2))
    with fogline.Stream(servers, unique, data_schema=READING, label_schema=json.dumps(CLASS)) as stream:
        stream.send({"heat": readings[0, 0], "hum": readings[0, 1]}, {"class": LABELS[0]})
        stream.send_many(readings[1:], LABELS[1:50])
    assert isinstance(stream.announcement.input, AvroInput)
    shelf = await shelved(servers, stream, tmp_path)
    inputs, labels = shelf[np.arange(50)]
    assert (inputs == readings).all()
    assert (labels[:, 0] == LABELS[:50]).all()


def test_a_block_left_by_an_error_announces_nothing(servers: str, unique: str) -> None:
    with pytest.raises(KeyError) as caught, fogline.Stream(servers, unique) as stream:
        stream.send_many(IMAGES, LABELS)
        raise KeyError("of the user's own")
    assert caught.value.__notes__[0].endswith("nothing was announced")
    with pytest.raises(RuntimeError, match="announced when"):
        _ = stream.announcement
    with pytest.raises(RuntimeError, match="inside the `with` block"):
        stream.send_many(IMAGES, LABELS)


@pytest.mark.parametrize(
    ("servers", "options", "error"),
    [
        ("nowhere", {}, fogline.DocumentError),
        ("", {}, fogline.DocumentError),
        ("localhost:9092", {"request": 50}, fogline.SettingsError),
        ("localhost:9092", {"data_schema": READING}, fogline.SettingsError),
        ("localhost:9092", {"data_schema": READING, "label_schema": "{"}, fogline.DocumentError),
    ],
)
def test_what_is_wrong_from_the_start_is_refused_without_a_broker(
    servers: str, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        fogline.Stream(servers, "t", **options)  # type: ignore[arg-type]  # what users pass


def test_a_loop_in_a_thread_gives_outcomes_and_errors_and_ends() -> None:
    loop = LoopThread("test")

    async def work(number: int) -> int:
        return 10 // number

    assert loop.run(work(5)) == 2
    with pytest.raises(ZeroDivisionError):
        loop.run(work(0))
    loop.close()
    assert not loop._thread.is_alive()
