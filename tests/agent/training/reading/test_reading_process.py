"""The reader as the process it is."""

import asyncio
import fcntl
import json
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from agent.training.reading.task import Complete, ReadingTask, complete
from shared.documents import Cluster, encode
from shared.kafka import admin
from shared.streams.ranges import Range
from tests.agent.training.running.attempts import INPUT, sent
from tests.agent.training.runs import RECORDS

pytestmark = pytest.mark.timeout(300)


def task(cluster: Cluster, topic: str) -> ReadingTask:
    return ReadingTask(cluster=cluster, ranges=(Range(topic=topic, partition=0, start=0, end=RECORDS),), input=INPUT)


async def read(folder: Path, given: ReadingTask | bytes) -> tuple[int, list[dict[str, object]], str]:
    """Exit code, events, and what people were told."""
    process = await started(folder)
    output, errors = await process.communicate(given if isinstance(given, bytes) else encode(given))
    return process.returncode or 0, [json.loads(line) for line in output.splitlines()], errors.decode()


async def started(folder: Path) -> Process:
    arguments = (sys.executable, "-m", "agent.training.reading", str(folder))
    return await asyncio.create_subprocess_exec(*arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE)


async def waiting(folder: Path, given: ReadingTask) -> Process:
    """For whoever reads already."""
    process = await started(folder)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(encode(given))
    process.stdin.close()
    assert json.loads(await process.stdout.readline()) == {"event": "waiting"}
    return process


async def test_two_that_read_the_same_read_it_once(cluster: Cluster, unique: str, tmp_path: Path) -> None:
    """Both wait for a third one, which holds the lock and leaves without having read anything."""
    given = task(cluster, (await sent(cluster, unique)).ranges[0].topic)
    with (tmp_path / "reading").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        both = [await waiting(tmp_path, given) for _ in range(2)]
    said = [await one.communicate() for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    ended = {"event": "read", "done": RECORDS, "total": RECORDS}
    assert sorted(json.loads(line) == ended for output, _ in said for line in output.splitlines()[-1:]) == [True]
    assert complete(tmp_path) == Complete(offsets=RECORDS, rejected=0)
    assert await read(tmp_path, given) == (0, [], "")


async def test_a_stream_that_has_expired_ends_with_its_range_and_code_3(
    cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    announcement = await sent(cluster, unique)
    async with admin(cluster) as client:
        await client.delete_records({TopicPartition(unique, 0): RecordsToDelete(before_offset=4)})
    code, _, errors = await read(tmp_path, task(cluster, announcement.ranges[0].topic))
    assert code == 3
    assert f"{unique}:0:0:{RECORDS} has expired up to 4" in errors
    assert complete(tmp_path) is None


async def test_a_task_that_makes_no_sense_ends_with_code_3_and_one_line(tmp_path: Path) -> None:
    code, said, errors = await read(tmp_path, b"{}")
    assert (code, said, len(errors.splitlines())) == (3, [], 1)
