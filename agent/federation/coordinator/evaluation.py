"""The stream that judges global models: found on the platform's control topic, read onto a shelf of the federation."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from agent import checked_file
from agent.announcements.topics import until_there
from agent.training.reading.task import Read, ReadingTask, Waiting, complete
from agent.training.running.children import Children
from agent.training.running.limits import Limits
from shared.documents import Cluster, Rates, decode, encode
from shared.documents.federation import Evaluation
from shared.documents.stream import stream_id
from shared.errors import DocumentError
from shared.kafka import connect, consumer, stop_within, translated
from shared.streams import control_message
from shared.streams.announcement import Announcement

_FILE, _SHELF = "evaluation.json", "shelf"
_POLL_MS = 1000
_STOP_TIMEOUT_S = 5.0
# Where it was announced without shares: a fifth calibrates int8, one part judges each model, the other the last one.
_RATES = Rates(validation=0.4, test=0.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelving:
    """`waits` is told what for; nothing any more when it is empty. `most_rejected`: as of every stream."""

    cluster: Cluster
    evaluation: Evaluation
    folder: Path
    children: Children
    most_rejected: float
    waits: Callable[[str], None]

    async def shelved(self) -> Announcement:
        """The stream, once all of it is on the folder's shelf.

        Raises ClusterError, StorageError, and what outcome.py says of a child.
        """
        # 1. Which it is: found once, whatever is announced later.
        announcement = await asyncio.to_thread(_known, self.folder)
        if announcement is None:
            announcement = await self._found()
            await asyncio.to_thread(checked_file.write, self.folder / _FILE, encode(announcement))
        self.waits("")
        # 2. Its records.
        if await asyncio.to_thread(complete, self.folder / _SHELF) is None:
            task = ReadingTask(
                cluster=self.cluster,
                ranges=announcement.ranges,
                input=announcement.input,
                most_rejected=self.most_rejected,
            )
            await self.children.run(
                "reading",
                ("-m", "agent.training.reading", _SHELF),
                events=Read | Waiting,
                limits=Limits(network=True, disk=True),
                given=encode(task),
            )
        return announcement

    async def _found(self) -> Announcement:
        topic = self.evaluation.control_topic
        what = f"a stream for evaluation, announced to {self.evaluation.number} on topic {topic!r}"
        self.waits(f"waits for {what}")
        there = await until_there(self.cluster, topic, missing=lambda: None)
        partitions = [TopicPartition(topic, one) for one in sorted(there)]
        client = consumer(self.cluster, group=None, read_committed=True)
        with translated(self.cluster.name):
            try:
                await connect(client)
                client.assign(partitions)
                await client.seek_to_beginning(*partitions)
                async for key, value in _records(client):
                    found = self._fitting(key, value)
                    if found is not None:
                        return found
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)
        raise AssertionError("a topic has no end")

    def _fitting(self, key: bytes | None, value: bytes | None) -> Announcement | None:
        with suppress(DocumentError):
            number, announcement = control_message.parse(key, value)
            if number == self.evaluation.number and announcement.has_end and announcement.total:
                return announcement
        return None


def rates_of(announcement: Announcement) -> Rates:
    """Those that it was announced with, if it holds anything back at all."""
    if announcement.validation_rate or announcement.test_rate:
        return Rates(validation=announcement.validation_rate, test=announcement.test_rate)
    return _RATES


def stream_of(folder: Path, cluster: str) -> str:
    """The stream's id, once it was found. Raises StorageError."""
    found = _known(folder)
    return "" if found is None else stream_id(cluster, found)


def shelf(folder: Path) -> Path:
    return folder / _SHELF


async def _records(client: AIOKafkaConsumer) -> AsyncIterator[tuple[bytes | None, bytes | None]]:
    while True:
        taken = await client.getmany(timeout_ms=_POLL_MS)
        for some in taken.values():
            for record in some:
                yield record.key, record.value


def _known(folder: Path) -> Announcement | None:
    try:
        content = checked_file.read(folder / _FILE)
        return None if content is None else decode(content, Announcement)
    except (checked_file.DamagedFileError, DocumentError):
        return None
