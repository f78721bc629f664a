"""Committing offsets: only of what was delivered, one request at a time, the newest offsets win."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, IllegalStateError
from aiokafka.structs import TopicPartition

from shared.kafka import translated

logger = logging.getLogger(__name__)


class Commits:
    """`is_ours` says whether partitions taken in an epoch may still be committed by this member."""

    def __init__(self, consumer: AIOKafkaConsumer, *, cluster: str, is_ours: Callable[[int], bool]) -> None:
        self._consumer = consumer
        self._cluster = cluster
        self._is_ours = is_ours
        self._pending: dict[TopicPartition, int] = {}
        self._wanted = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()

    def delivered(self, offsets: Mapping[TopicPartition, int], epoch: int) -> None:
        """Everything before `offsets` has been delivered. What is no longer ours is left to its new owner."""
        if self._is_ours(epoch):
            self._pending.update(offsets)
            self._settled.clear()
            self._wanted.set()

    async def run(self) -> None:
        """Until cancelled. Raises ClusterError when the cluster refuses."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            offsets, self._pending = self._pending, {}
            await self._commit(offsets)
            if not self._pending:
                self._settled.set()

    async def flush(self) -> None:
        """Until all that was delivered is committed, or known to be another member's business."""
        await self._settled.wait()

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        with translated(self._cluster):
            try:
                await self._consumer.commit(dict(offsets))
            except (CommitFailedError, IllegalStateError):
                # The group moved on without us: the new owner starts before these records, which will be seen twice.
                logger.warning("not committed: another member has these now", extra={"offsets": len(offsets)})


async def pin(consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
    """Commit where a new group begins: else a crash before its first commit lets `latest` skip what came meanwhile.

    Raises what aiokafka raises.
    """
    for partition in partitions:
        if await consumer.committed(partition) is None:
            await consumer.commit({partition: await consumer.position(partition)})
