"""A stream in a real log, read to the disk: whole, resumed, with gaps, expired, unreadable."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import RecordsToDelete

from agent.training.reading import aside
from agent.training.reading.shelf import Shelf
from agent.training.reading.stream import StreamReader
from shared.documents import Cluster
from shared.errors import ClusterError, DocumentError
from shared.kafka import admin, ensure_topic, producer
from shared.streams.decoding import stream_decoder
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from simulations.kafka.cluster import KafkaCluster

DECODER = stream_decoder(RawInput(data_type="uint8", label_type="uint8", data_shape=(2,), label_shape=()))


@pytest.fixture
def cluster(broker: KafkaCluster) -> Cluster:
    return Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


async def send(
    cluster: Cluster, topic: str, partition: int, rows: Sequence[int], *, transactional: bool = False
) -> None:
    """Each row as the bytes (row, row + 1), its label the row."""
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, topic, partitions=2)
    sender = producer(cluster, transactional_id=f"{topic}-{partition}" if transactional else None)
    async with sender:
        if transactional:
            async with sender.transaction():
                await _send_all(sender, topic, partition, rows)
        else:
            await _send_all(sender, topic, partition, rows)


async def _send_all(sender: AIOKafkaProducer, topic: str, partition: int, rows: Sequence[int]) -> None:
    sent = [
        await sender.send(topic, value=bytes([row, row + 1]), key=bytes([row]), partition=partition) for row in rows
    ]
    await asyncio.gather(*sent)


def labels(folder: Path) -> list[int]:
    shelf = Shelf.open(folder)
    inputs, found = shelf[np.arange(len(shelf))]
    assert (inputs[:, 0] == found).all()
    return [int(one) for one in found]


async def test_all_partitions_are_read_in_the_order_of_their_offsets_and_no_record_more(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    await send(cluster, unique, 0, range(10))
    await send(cluster, unique, 1, range(100, 110))
    ranges = (Range(topic=unique, partition=1, start=2, end=5), Range(topic=unique, partition=0, start=0, end=8))
    said: list[int] = []
    await StreamReader(cluster=cluster, ranges=ranges, decoder=DECODER, said=said.append).shelve(tmp_path)
    assert labels(tmp_path) == [*range(8), 102, 103, 104]
    assert said[-1] == 11


async def test_a_stream_that_grew_is_read_from_where_the_last_process_stopped(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    await send(cluster, unique, 0, range(10))
    for end in (4, 10):
        ranges = (Range(topic=unique, partition=0, start=0, end=end),)
        await StreamReader(cluster=cluster, ranges=ranges, decoder=DECODER).shelve(tmp_path)
    assert labels(tmp_path) == list(range(10))


async def test_the_end_is_reached_where_the_last_offsets_are_marks_of_transactions(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    await send(cluster, unique, 0, range(5), transactional=True)
    # The sixth offset is the mark that the transaction was committed.
    ranges = (Range(topic=unique, partition=0, start=0, end=6),)
    await StreamReader(cluster=cluster, ranges=ranges, decoder=DECODER).shelve(tmp_path)
    assert labels(tmp_path) == list(range(5))


async def test_what_an_aborted_transaction_wrote_is_not_read(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    await send(cluster, unique, 0, range(3))
    sender = producer(cluster, transactional_id=unique)
    async with sender:
        await sender.begin_transaction()
        await _send_all(sender, unique, 0, range(50, 53))
        await sender.abort_transaction()
    await send(cluster, unique, 0, range(3, 5))
    # Three records, three aborted ones, the mark that they are, two records.
    ranges = (Range(topic=unique, partition=0, start=0, end=9),)
    await StreamReader(cluster=cluster, ranges=ranges, decoder=DECODER).shelve(tmp_path)
    assert labels(tmp_path) == list(range(5))


async def test_a_transaction_that_is_undecided_yet_is_waited_for(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    await send(cluster, unique, 0, range(3))
    async with producer(cluster, transactional_id=unique) as undecided:
        await undecided.begin_transaction()
        await _send_all(undecided, unique, 0, range(3, 6))
        ranges = (Range(topic=unique, partition=0, start=0, end=6),)
        reader = StreamReader(cluster=cluster, ranges=ranges, decoder=DECODER, silence_s=0.5)
        with pytest.raises(DocumentError, match="with a transaction that nobody ends"):
            await reader.shelve(tmp_path / "impatient")
        reading = asyncio.create_task(StreamReader(cluster=cluster, ranges=ranges, decoder=DECODER).shelve(tmp_path))
        await undecided.commit_transaction()
        await reading
    assert labels(tmp_path) == list(range(6))


@pytest.mark.slow
async def test_a_broker_that_dies_is_waited_for_no_longer_than_said(unique: str, tmp_path: Path) -> None:
    with KafkaCluster() as own:
        cluster = Cluster(name="own", bootstrap_servers=(own.bootstrap_servers,))
        await send(cluster, unique, 0, range(3))
        await send(cluster, unique, 1, range(3))
        ranges = tuple(Range(topic=unique, partition=number, start=0, end=3) for number in (0, 1))
        reader = StreamReader(
            cluster=cluster, ranges=ranges, decoder=DECODER, silence_s=2.0, said=lambda _: own.kill(1)
        )
        with pytest.raises(ClusterError) as raised:
            await reader.shelve(tmp_path)
    assert raised.value.retriable
    assert labels(tmp_path) == []


async def test_an_open_shape_is_that_of_the_first_record(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    await send(cluster, unique, 0, range(5))
    open_shape = stream_decoder(RawInput(data_type="uint8", label_type="uint8"))
    for end in (3, 5):
        ranges = (Range(topic=unique, partition=0, start=0, end=end),)
        await StreamReader(cluster=cluster, ranges=ranges, decoder=open_shape).shelve(tmp_path)
    assert Shelf.open(tmp_path).inputs.spec.shape == (2,)


async def test_unreadable_records_are_kept_aside_until_they_are_too_many(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    await send(cluster, unique, 0, range(20))
    async with producer(cluster) as sender:
        await sender.send_and_wait(unique, value=b"too long", key=b"\x01", partition=0)
    reader = StreamReader(
        cluster=cluster, ranges=(Range(topic=unique, partition=0, start=0, end=21),), decoder=DECODER, most_rejected=0.1
    )
    await reader.shelve(tmp_path / "tolerant")
    assert labels(tmp_path / "tolerant") == list(range(20))
    assert [one.offset for one in aside.read(tmp_path / "tolerant")] == [20]
    strict = StreamReader(cluster=cluster, ranges=reader.ranges, decoder=DECODER, most_rejected=0.0)
    with pytest.raises(DocumentError, match="1 of 21 records cannot be read"):
        await strict.shelve(tmp_path / "strict")


async def test_what_has_expired_is_not_replaced_by_what_is_left(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    await send(cluster, unique, 0, range(10))
    async with admin(cluster) as client:
        await client.delete_records({TopicPartition(unique, 0): RecordsToDelete(before_offset=4)})
    for start, end, said in (
        (0, 10, "expired up to 4"),
        (0, 4, "has expired: the log begins at 4"),
        (5, 99, "ends at 10"),
    ):
        reader = StreamReader(
            cluster=cluster,
            ranges=(Range(topic=unique, partition=0, start=start, end=end),),
            decoder=DECODER,
            silence_s=0.5,
        )
        with pytest.raises(DocumentError, match=said):
            await reader.shelve(tmp_path / f"{start}-{end}")
