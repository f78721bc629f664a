"""A header's name of foreign bytes stops no consumer: its record is read, and so are all others."""

import pytest
from aiokafka.structs import ConsumerRecord

from shared.documents import Cluster
from shared.errors import RecordError
from shared.kafka import admin, consumer, ensure_topic, producer
from shared.record import headers
from shared.record.size import record_size
from simulations.kafka.cluster import KafkaCluster
from tests.shared.foreign_batches import Record, send

EVIL = b"\xff\xfe-name"
BATCH: list[Record] = [
    (b"first", [("größe".encode(), b"1")]),
    (b"second", [(b"plain", b"2"), (EVIL, b"3")]),
    (b"third", []),
    (b"fourth", [(EVIL, b"4")]),
]


@pytest.fixture
async def cluster(broker: KafkaCluster, unique: str) -> Cluster:
    cluster = Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, unique)
    return cluster


async def read(cluster: Cluster, topic: str, count: int, *, read_committed: bool = False) -> list[ConsumerRecord]:
    client = consumer(cluster, group=None, read_committed=read_committed)
    client.subscribe([topic])
    async with client:
        return [await client.getone() for _ in range(count)]


@pytest.mark.parametrize("is_compressed", [False, True], ids=["plain", "gzip"])
async def test_every_record_is_read_once_and_in_order(cluster: Cluster, unique: str, is_compressed: bool) -> None:
    async with producer(cluster) as client:
        await client.send_and_wait(unique, b"before", headers=[("plain", b"0")])
        await send(cluster, unique, BATCH, is_compressed=is_compressed)
        await client.send_and_wait(unique, b"after")
    found = await read(cluster, unique, 6)
    assert [one.value for one in found] == [b"before", b"first", b"second", b"third", b"fourth", b"after"]
    assert [one.offset for one in found] == list(range(6))
    assert found[1].headers == (("größe", b"1"),)
    assert found[2].headers == (("plain", b"2"), ("\udcff\udcfe-name", b"3"))


async def test_among_transactions_what_was_given_up_stays_unseen(cluster: Cluster, unique: str) -> None:
    async with producer(cluster, transactional_id=unique) as client:
        await client.begin_transaction()
        await client.send_and_wait(unique, b"given up")
        await client.abort_transaction()
        await send(cluster, unique, BATCH)
        async with client.transaction():
            await client.send_and_wait(unique, b"committed")
    found = await read(cluster, unique, 5, read_committed=True)
    assert [one.value for one in found] == [b"first", b"second", b"third", b"fourth", b"committed"]


def test_such_a_record_is_refused_with_a_reason_that_can_be_read() -> None:
    with pytest.raises(RecordError, match=r"header \\xff\\xfe-name is not UTF-8"):
        headers.read((("\udcff\udcfe-name", b"3"),))


def test_a_name_counts_its_bytes_on_the_wire() -> None:
    assert record_size(None, b"", [("\udcff\udcfe-name", b"")]) == record_size(None, b"", [("seven--", b"")])


def test_what_is_utf_8_is_sent_as_it_came() -> None:
    assert headers.sendable("größe") == "größe"
    assert headers.sendable("\udcff-größe") == "\\xff-größe"
