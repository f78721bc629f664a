"""Exactly once: the results of a micro-batch and its offsets become visible in one Kafka transaction, or never.

One transactional producer for each group and input Kafka partition: its id fences whoever held the partition before, so
a member that was stopped and continued can commit nothing. Transactions of different partitions overlap.
"""

import asyncio

from aiokafka.structs import TopicPartition

from agent.inference.lane import Lane, Route
from agent.inference.work import Work


class ExactlyOnce:
    """A lane for each partition of ours. A lane admits its partition once its producer has fenced the last one."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._assignments: asyncio.Queue[frozenset[TopicPartition]] = asyncio.Queue()
        self._lanes: dict[TopicPartition, Lane] = {}
        self._running: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                for partition in await self._assignments.get():
                    lane = Lane(partition, self._route)
                    self._lanes[partition] = lane
                    self._running.append(tasks.create_task(lane.run()))

    def put(self, work: Work) -> None:
        (partition,) = work.taken.offsets
        if partition in self._lanes:
            self._lanes[partition].put(work)
        else:
            work.finished()

    async def begin(self, work: Work) -> None:
        self.put(work)

    async def flush(self) -> None:
        """A finished micro-batch is a committed one."""

    async def drain(self) -> None:
        """Nothing waits anywhere else."""

    def assigned(self, partitions: frozenset[TopicPartition]) -> None:
        self._assignments.put_nowait(partitions)

    def leave(self) -> None:
        for lane in self._lanes.values():
            lane.leave()

    async def revoked(self) -> None:
        """Transactional producers are closed, so that the next owner need not wait for one to time out."""
        while not self._assignments.empty():
            self._assignments.get_nowait()
        running, self._running, self._lanes = self._running, [], {}
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    def troubles(self, patience_s: float) -> list[str]:
        troubles = [trouble for lane in self._lanes.values() if (trouble := lane.trouble(patience_s))]
        return [self._route.topics.trouble, *troubles[:1]]
