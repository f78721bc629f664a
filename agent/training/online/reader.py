"""An open topic becomes windows: every record since the announcement in one of them, however often this is killed.

Without a group: where to read on stands in the newest window, and so is written in one step with what was read.
"""

import asyncio
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from agent.announcements.topics import until_there
from agent.clock import Clock
from agent.inference.reach import Reach
from agent.training.events import Noticed
from agent.training.online import task, windows
from agent.training.online.events import OnlineSaid, WindowRead
from agent.training.online.gathering import Gathering, settled
from agent.training.online.task import OnlineTask
from agent.training.online.windows import FIRST, MOST_WAITING, Window
from agent.training.reading.stream import specs
from shared.documents import Cluster
from shared.kafka import ConsumerBounds, connect, consumer, is_connected, stop_within, translated
from shared.streams.decoding import StreamDecoder, stream_decoder

_POLL_MS = 500
_LOOK_S = 0.1
_TAKEN_AT_ONCE = 2000
_STOP_TIMEOUT_S = 5.0
_BOUNDS = ConsumerBounds(fetch_max_bytes=8 * 2**20, max_partition_fetch_bytes=4 * 2**20)


@dataclass(slots=True, kw_only=True)
class OnlineReader:
    """One process in a folder, one at a time."""

    folder: Path
    cluster: Cluster
    said: OnlineSaid
    clock: Clock = field(default_factory=Clock)
    _task: OnlineTask = field(init=False)
    _decoder: StreamDecoder = field(init=False)
    _number: int = field(default=FIRST, init=False)
    _positions: dict[int, int] = field(default_factory=dict, init=False)

    async def read(self) -> None:
        """Until cancelled. Raises ClusterError, DocumentError for the task or unreadable records, StorageError."""
        self._open()
        first = await until_there(self.cluster, self._task.topic, missing=lambda: None)
        client = consumer(self.cluster, group=None, read_committed=True, bounds=_BOUNDS)
        with translated(self.cluster.name):
            try:
                await connect(client)
                await self._tell_expired(client)
                await self._assign(client, first)
                reach = self._reach(client)
                while True:
                    # 1. No more may wait than the disk was meant for.
                    await self._room()
                    # 2. Rows and where to read on become one file.
                    self._finish(await self._gather(client, reach))
                    # 3. The topic may have been given more Kafka partitions.
                    await self._assign(client, client.partitions_for_topic(self._task.topic) or first)
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    def _open(self) -> None:
        self._task = task.read(self.folder)
        self._decoder = stream_decoder(self._task.input)
        there = windows.numbers(self.folder)
        if there:
            newest = windows.read(self.folder, there[-1])
            self._number, self._positions = newest.head.number + 1, dict(newest.head.positions)
            self._decoder = settled(self._decoder, newest)

    async def _gather(self, client: AIOKafkaConsumer, reach: Reach) -> Window:
        gathering = Gathering(
            number=self._number,
            size=self._task.online.window,
            most_rejected=self._task.most_rejected,
            decoder=self._decoder,
            positions=dict(self._positions),
        )
        while gathering.missing:
            found = await client.getmany(timeout_ms=_POLL_MS, max_records=min(gathering.missing, _TAKEN_AT_ONCE))
            reach.look()
            for partition, records in found.items():
                pairs = [(one.value, one.key) for one in records]
                gathering.add(partition.partition, pairs, await client.position(partition))
        self._decoder, self._positions = gathering.decoder, gathering.positions
        return gathering.window()

    def _finish(self, window: Window) -> None:
        specs(self._decoder)
        windows.write(self.folder, window)
        head = window.head
        if head.rejected:
            self.said(Noticed(text=f"{head.rejected} records of window {head.number} cannot be read: {head.reason}"))
        waiting = head.number + 1 - windows.trained(self.folder).window
        self.said(WindowRead(window=head.number, records=len(window.inputs), rejected=head.rejected, waiting=waiting))
        self._number = head.number + 1

    async def _room(self) -> None:
        """The trainer is another process, and a file announces itself to nobody."""
        while self._number - (trained := windows.trained(self.folder)).window >= MOST_WAITING:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)
        windows.remove_before(self.folder, trained.needed)

    async def _assign(self, client: AIOKafkaConsumer, there: Set[int]) -> None:
        if there == {one.partition for one in client.assignment()}:
            return
        self._positions = {**await self._announced(client, there - self._positions.keys()), **self._positions}
        client.assign([TopicPartition(self._task.topic, one) for one in sorted(there)])
        for one in there:
            client.seek(TopicPartition(self._task.topic, one), self._positions[one])

    async def _tell_expired(self, client: AIOKafkaConsumer) -> None:
        first = await client.beginning_offsets([TopicPartition(self._task.topic, one) for one in self._positions])
        for partition, begin in first.items():
            position = self._positions[partition.partition]
            if begin > position:
                lost = f"{partition.topic}:{partition.partition}:{position}:{begin}"
                self.said(Noticed(text=f"{lost} has expired before it was read; training goes on with what follows"))
                self._positions[partition.partition] = begin

    def _reach(self, client: AIOKafkaConsumer) -> Reach:
        def changed() -> None:
            self.said(Noticed(text=reach.trouble or f"cluster {self.cluster.name!r} is back"))

        reach = Reach(self.cluster.name, is_connected=lambda: is_connected(client), changed=changed, clock=self.clock)
        return reach

    async def _announced(self, client: AIOKafkaConsumer, new: Set[int]) -> dict[int, int]:
        """Where records since the announcement begin."""
        partitions = [TopicPartition(self._task.topic, one) for one in new]
        if not partitions:
            return {}
        if self._task.announced_ms is None:
            first = await client.beginning_offsets(partitions)
            return {one.partition: first[one] for one in partitions}
        # Asked before: what is written meanwhile must not fall between the two answers.
        last = await client.end_offsets(partitions)
        found = await client.offsets_for_times(dict.fromkeys(partitions, self._task.announced_ms))
        return {one.partition: last[one] if found[one] is None else found[one].offset for one in partitions}
