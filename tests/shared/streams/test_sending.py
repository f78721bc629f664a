"""Records and their announcement in a real log; and what is said when there is none."""

import numpy as np
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic

from shared.documents import Cluster
from shared.errors import RecordError, SettingsError
from shared.kafka import ClusterRefusedError, admin, consumer, producer
from shared.streams import control_message
from shared.streams.announcement import Announcement
from shared.streams.block_writer import block_records
from shared.streams.encoding import RawEncoder
from shared.streams.purpose import Purpose
from shared.streams.ranges import Range
from shared.streams.sending import StreamSender
from simulations.kafka.cluster import KafkaCluster

X, Y = np.arange(400, dtype="f4").reshape(200, 2), np.arange(200, dtype="u1")


@pytest.fixture
def cluster(broker: KafkaCluster) -> Cluster:
    return Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


def sender(cluster: Cluster, topic: str, *, partitions: int | None = None) -> StreamSender:
    """Announces to request 7, on a control topic of the test's own."""
    purpose = Purpose(request=7, control_topic=f"{topic}-control", validation_rate=0.1, description="numbers")
    return StreamSender(cluster=cluster, topic=topic, encoder=RawEncoder(), purpose=purpose, partitions=partitions)


async def announced(cluster: Cluster, topic: str) -> list[tuple[int, Announcement]]:
    """All there are: read to the end, for that nothing came in a while does not mean that there is nothing."""
    control = TopicPartition(f"{topic}-control", 0)
    found: list[tuple[int, Announcement]] = []
    async with consumer(cluster, group=None) as client:
        client.assign([control])
        end = (await client.end_offsets([control]))[control]
        while await client.position(control) < end:
            records = (await client.getmany(control, timeout_ms=500)).get(control, [])
            found += [control_message.parse(one.key, one.value) for one in records]
    return found


@pytest.mark.parametrize(("sent", "partitions", "held"), [(0, 1, 1000), (0, 3, 32), (6000, 3, 500), (10**9, 3, 1000)])
def test_blocks_grow_where_there_are_partitions_to_spread_them_over(sent: int, partitions: int, held: int) -> None:
    assert block_records(sent, partitions) == held


async def test_a_short_stream_is_spread_over_all_partitions_and_announced(cluster: Cluster, unique: str) -> None:
    async with sender(cluster, unique, partitions=3) as stream:
        await stream.send(X, Y)
        assert stream.announcement is None
    assert stream.announcement is not None
    assert await announced(cluster, unique) == [(7, stream.announcement)]
    assert [(one.partition, one.offsets) for one in stream.announcement.ranges] == [(0, 72), (1, 64), (2, 64)]
    assert (stream.announcement.total, stream.announcement.validation_rate) == (200, 0.1)


async def test_what_another_wrote_in_between_is_not_announced(cluster: Cluster, unique: str) -> None:
    async with sender(cluster, unique) as stream, producer(cluster) as other:
        for part in range(2):
            await stream.send(X[:3], Y[:3])
            await stream._labelled.settle()
            await other.send_and_wait(unique, b"foreign", key=bytes([part]), partition=0)
        await stream.send(X[:3])
    assert stream.announcement is not None
    assert [str(one) for one in stream.announcement.ranges] == [f"{unique}:0:0:3", f"{unique}:0:4:7"]
    assert stream.announcement.unlabelled_ranges == (Range(topic=unique, partition=0, start=8, end=11),)


async def test_an_error_inside_the_block_announces_nothing_and_says_what_was_written(
    cluster: Cluster, unique: str
) -> None:
    with pytest.raises(RecordError, match="record 201: the value has the shape") as caught:
        async with sender(cluster, unique) as stream:
            await stream.send(X, Y)
            await stream._labelled.settle()
            await stream.send(X[:, :1], Y)
    (note,) = caught.value.__notes__
    assert note == f"200 records were written to {unique!r} ({unique}:0:0:200), nothing was announced"
    assert await announced(cluster, unique) == []


async def test_a_record_the_broker_refuses_announces_nothing(cluster: Cluster, unique: str) -> None:
    with pytest.raises(ClusterRefusedError, match="MessageSizeTooLarge") as caught:
        async with sender(cluster, unique) as stream:
            await stream.send(np.zeros((1, 2_000_000), "u1"), [0])
    assert "0 records were written" in caught.value.__notes__[0]
    assert await announced(cluster, unique) == []


async def test_where_the_announcement_is_refused_it_is_said_that_nobody_was_told(cluster: Cluster, unique: str) -> None:
    async with admin(cluster) as client:
        await client.create_topics([NewTopic(f"{unique}-control", 1, 1, topic_configs={"max.message.bytes": "100"})])
    with pytest.raises(ClusterRefusedError) as caught:
        async with sender(cluster, unique) as stream:
            await stream.send(X, Y)
    assert caught.value.__notes__[0].startswith("200 records were written")
    assert caught.value.__notes__[0].endswith("nothing was announced")
    assert await announced(cluster, unique) == []


async def test_a_stream_without_records_is_an_error(cluster: Cluster, unique: str) -> None:
    with pytest.raises(RecordError, match="no record was sent"):
        async with sender(cluster, unique):
            pass


async def test_a_topic_of_another_number_of_partitions_is_refused(cluster: Cluster, unique: str) -> None:
    async with admin(cluster) as client:
        await client.create_topics([NewTopic(unique, 2, 1)])
    with pytest.raises(SettingsError, match="is there already: its number of partitions, 2, stays"):
        async with sender(cluster, unique, partitions=3):
            pass


async def test_a_compacted_topic_is_refused_and_another_says_how_long_it_keeps(cluster: Cluster, unique: str) -> None:
    kept = {"retention.ms": "60000", "retention.bytes": "1000000"}
    async with admin(cluster) as client:
        await client.create_topics([NewTopic(unique, 1, 1, topic_configs={"cleanup.policy": "compact"})])
        await client.create_topics([NewTopic(f"{unique}-kept", 1, 1, topic_configs=kept)])
    with pytest.raises(ClusterRefusedError, match="is compacted"):
        async with sender(cluster, unique):
            pass
    async with sender(cluster, f"{unique}-kept") as stream:
        await stream.send(X, Y)
    assert stream.keeping is not None
    assert (stream.keeping.seconds, stream.keeping.partition_bytes) == (60.0, 1_000_000)
