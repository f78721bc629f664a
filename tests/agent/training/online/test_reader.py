"""An open topic becomes windows, on a real broker."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from agent.training.online import windows
from agent.training.online.events import OnlineEvent, WindowRead
from agent.training.online.reader import OnlineReader
from agent.training.online.windows import MOST_WAITING, Trained
from shared.documents import Cluster
from shared.documents.training import Online
from shared.errors import DocumentError
from shared.kafka import admin, ensure_topic, producer
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.tiers import cluster_of
from tests.agent.training.online.online_runs import prepare, reading, until
from tests.agent.training.runs import FEATURES

WINDOW = 10


async def produce(cluster: Cluster, topic: str, start: int, count: int, *, partitions: int = 1) -> None:
    """Records that tell which they are: by the first two bytes."""
    async with producer(cluster) as sender:
        for number in range(start, start + count):
            value = number.to_bytes(2, "big") + bytes(FEATURES - 2)
            await sender.send_and_wait(topic, value=value, key=bytes([number % 3]), partition=number % partitions)


def seen(folder: Path) -> list[int]:
    return [
        int(row[0]) << 8 | int(row[1])
        for number in windows.numbers(folder)
        for row in windows.read(folder, number).inputs.astype(np.int64)
    ]


@asynccontextmanager
async def reads(folder: Path, cluster: Cluster, heard: list[OnlineEvent]) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(OnlineReader(folder=folder, cluster=cluster, said=heard.append).read())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, DocumentError):
            await task


async def written(folder: Path, number: int) -> None:
    async with asyncio.timeout(120):
        while number not in windows.numbers(folder):  # noqa: ASYNC110 - a file announces itself to nobody
            await asyncio.sleep(0.02)


def folder_for(tmp_path: Path, topic: str, announced_ms: int | None = None) -> Path:
    return prepare(tmp_path / "run", topic=topic, online=Online(window=WINDOW), announced_ms=announced_ms)


async def test_a_topic_of_several_partitions_that_is_not_there_yet_is_read_from_the_announcement_on(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, heard = cluster_of(broker), list[OnlineEvent]()
    folder = folder_for(tmp_path, unique, int(time.time() * 1000) - 1000)
    async with reads(folder, here, heard):
        async with admin(here) as client:
            await ensure_topic(client, here, unique, partitions=2)
        await produce(here, unique, 0, 25, partitions=2)
        await written(folder, 2)
    assert len(seen(folder)) == len(set(seen(folder))) == 20
    assert [one.window for one in heard if isinstance(one, WindowRead)] == [1, 2]


async def test_what_was_written_before_the_announcement_is_not_read(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    await produce(here, unique, 0, 15)
    await asyncio.sleep(0.05)
    folder = folder_for(tmp_path, unique, int(time.time() * 1000))
    await asyncio.sleep(0.05)
    async with reads(folder, here, []):
        await produce(here, unique, 100, 10)
        await written(folder, 1)
    assert seen(folder) == list(range(100, 110))


async def test_no_more_than_four_windows_wait(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    here = cluster_of(broker)
    await produce(here, unique, 0, 70)
    folder = folder_for(tmp_path, unique)
    async with reads(folder, here, []):
        await written(folder, MOST_WAITING)
        await asyncio.sleep(0.5)
        assert windows.numbers(folder) == [1, 2, 3, 4]
        windows.say_trained(folder, Trained(window=3, needed=2))
        await written(folder, 6)
        await asyncio.sleep(0.5)
    assert windows.numbers(folder) == [2, 3, 4, 5, 6]
    assert seen(folder) == list(range(10, 60))


async def test_another_process_reads_on_where_the_last_one_wrote(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    folder = folder_for(tmp_path, unique)
    await produce(here, unique, 0, 17)
    async with reads(folder, here, []):
        await written(folder, 1)
    await produce(here, unique, 17, 20)
    async with reads(folder, here, []):
        await written(folder, 3)
    assert seen(folder) == list(range(30))


async def test_too_many_records_that_cannot_be_read_end_it(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    here = cluster_of(broker)
    async with producer(here) as sender:
        await sender.send_and_wait(unique, value=b"short", key=b"\x01")
    folder = folder_for(tmp_path, unique)
    async with reads(folder, here, []) as task:
        with pytest.raises(DocumentError, match="5 bytes instead of 12"):
            await asyncio.wait_for(asyncio.shield(task), 120)


@pytest.mark.slow
async def test_killed_it_reads_every_record_once(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    here = cluster_of(broker)
    folder = folder_for(tmp_path, unique)
    # No more than each is to write: one that runs ahead of who reads its events would write the next one's as well.
    for start, count, number in ((0, 15, 1), (15, 20, 3)):
        await produce(here, unique, start, count)
        with reading(folder, here) as process:
            await asyncio.to_thread(until, process, "window-read", window=number)
            process.send_signal(signal.SIGKILL)
    await produce(here, unique, 35, 10)
    with reading(folder, here) as process:
        await asyncio.to_thread(until, process, "window-read", window=4)
        process.terminate()
        assert await asyncio.to_thread(process.wait, 60) == 143
    assert seen(folder) == list(range(40))
