"""The watch over a control topic, on a real broker."""

import pytest
from msgspec.structs import replace

from agent.announcements.workload import Announcements
from agent.workload import RestartNeededError
from shared.documents import Phase
from shared.documents.stream import Kept
from shared.errors import ControlPlaneError, DocumentError
from shared.kafka import admin, ensure_topic
from shared.streams.ranges import Range
from simulations.kafka.cluster import KafkaCluster
from tests.agent.announcements.test_finding import message
from tests.agent.announcements.watching import Told, document, send, surroundings, watching
from tests.agent.inference.tiers import cluster_of


async def test_announcements_are_told_in_order_from_the_beginning_and_never_again(
    broker: KafkaCluster, unique: str
) -> None:
    here, told = cluster_of(broker), Told()
    watched = document(here, unique)
    await send(here, watched.control_topic, (b"\x03", message()), (b"3", message(description="again")))
    async with watching(watched, told) as workload:
        await told.until(lambda: len(told.found) == 2)
        await send(here, watched.control_topic, (b"4", message()))
        await told.until(lambda: len(told.found) == 3 and workload.status().counters["found"] == 3)
        assert (workload.status().phase, workload.status().reason) == (Phase.RUNNING, "")
    assert [(one.partition, one.offset, one.number) for one in told.found] == [(0, 0, 3), (0, 1, 3), (0, 2, 4)]
    assert {(one.cluster, one.control_topic) for one in told.reports} == {(here.name, watched.control_topic)}
    later = Told()
    async with watching(watched, later):
        await send(here, watched.control_topic, (b"5", message()))
        await later.until(lambda: bool(later.found))
    assert [one.offset for one in later.found] == [3]


async def test_garbage_is_told_with_its_reason_and_ends_nothing(broker: KafkaCluster, unique: str) -> None:
    here, told = cluster_of(broker), Told()
    watched = document(here, unique)
    garbage = [
        (None, message()),
        (b"3", None),
        (b"3", b"garbage"),
        (b"3", b"[" * 10_000),
        (b"x" * 30, message()),
        (b"3", b"\xff\x00"),
    ]
    async with watching(watched, told) as workload:
        await send(here, watched.control_topic, *garbage, (b"3", message()))
        await told.until(lambda: len(told.found) == len(garbage) + 1 and workload.status().counters["found"] == 7)
        assert workload.status().counters["refused"] == len(garbage)
    assert [bool(one.refused) for one in told.found] == [True] * len(garbage) + [False]


async def test_a_topic_that_is_not_there_is_waited_for_and_not_made(broker: KafkaCluster, unique: str) -> None:
    here, told = cluster_of(broker), Told()
    watched = document(here, unique)
    async with watching(watched, told) as workload:
        await told.until(lambda: workload.status().phase is Phase.RUNNING)
        assert "waits for topic" in workload.status().reason
        async with admin(here) as client:
            assert watched.control_topic not in await client.list_topics()
        await send(here, watched.control_topic, (b"3", message()))
        await told.until(lambda: len(told.found) == 1)
        await told.until(lambda: not workload.status().reason)


async def test_a_report_that_is_not_acknowledged_is_told_again(broker: KafkaCluster, unique: str) -> None:
    here, told = cluster_of(broker), Told(refusals=[503, 0])
    watched = document(here, unique)
    await send(here, watched.control_topic, (b"3", message()))
    async with watching(watched, told) as workload:
        await told.until(lambda: "told to refuse" in workload.status().reason)
        await told.until(lambda: len(told.found) == 3 and not workload.status().reason)
    assert {one.offset for one in told.found} == {0}


async def test_a_refusal_that_waiting_cannot_mend_ends_the_watch_with_its_reason(
    broker: KafkaCluster, unique: str
) -> None:
    here, told = cluster_of(broker), Told(refusals=[403])
    watched = document(here, unique)
    await send(here, watched.control_topic, (b"3", message()))
    with pytest.RaisesGroup(pytest.RaisesGroup(pytest.RaisesExc(ControlPlaneError, match="told to refuse"))):
        async with watching(watched, told) as workload:
            await told.until(lambda: workload.status().phase is Phase.STOPPED)


async def test_what_the_log_still_holds_is_told_and_a_change_of_it_at_once(broker: KafkaCluster, unique: str) -> None:
    here, told = cluster_of(broker), Told()
    topic, gone = f"{unique}.data", f"{unique}.gone"
    async with admin(here) as client:
        await ensure_topic(client, here, topic, partitions=2)
        await ensure_topic(client, here, f"{unique}.control", partitions=1)
    await send(here, topic, *[(b"1", b"x")] * 5)
    wanted = [
        Range(topic=topic, partition=0, start=0, end=5),
        Range(topic=topic, partition=0, start=5, end=9),
        Range(topic=topic, partition=7, start=0, end=5),
    ]
    watched = document(here, unique, *wanted)
    held = Kept(topic=topic, partition=0, first=0, last=5)
    async with watching(watched, told) as workload:
        await told.until(lambda: bool(told.kept))
        assert told.kept == [held, Kept(topic=topic, partition=7, first=0, last=0)]
        await workload.update(replace(watched, looked_after=(Range(topic=gone, partition=1, start=0, end=5),)))
        await told.until(lambda: len(told.kept) == 3)
        assert told.kept[2] == Kept(topic=gone, partition=1, first=0, last=0)
        async with admin(here) as client:
            assert gone not in await client.list_topics()


async def test_what_is_looked_after_is_looked_up_again_and_again(broker: KafkaCluster, unique: str) -> None:
    here, told = cluster_of(broker), Told()
    topic = f"{unique}.data"
    await send(here, topic, (b"1", b"x"))
    watched = document(here, unique, Range(topic=topic, partition=0, start=0, end=5), look_every_s=0.1)
    async with watching(watched, told):
        await told.until(lambda: len(told.kept) == 2)
        await send(here, topic, (b"1", b"x"))
        await told.until(lambda: told.kept[-1].last == 2)


async def test_another_topic_needs_a_restart(broker: KafkaCluster, unique: str) -> None:
    here, told = cluster_of(broker), Told()
    watched = document(here, unique)
    async with watching(watched, told) as workload:
        with pytest.raises(RestartNeededError):
            await workload.update(replace(watched, control_topic="another"))


def test_a_cluster_that_is_not_there_is_a_mistake_in_the_document(broker: KafkaCluster, unique: str) -> None:
    watched = replace(document(cluster_of(broker), unique), cluster="nowhere")
    with pytest.raises(DocumentError, match="nowhere"):
        Announcements(watched, surroundings(Told()))
