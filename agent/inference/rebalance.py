"""Which Kafka partitions are ours, and since when: the group may take them away at any moment.

Each assignment opens a new epoch. Records taken in an older one are not begun any more; those under way when partitions
are taken are delivered and committed first, because the group waits for that, but only so long.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiokafka import ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What must be done when partitions come and go.

    `assigned` sees to it that each partition is admitted, at once or when it is ready to be consumed. `finish` returns
    when what is under way is delivered and committed, or left; `revoked` then lets go of what belonged to partitions.
    `changed` is called whenever `ready` or `is_joined` has changed.
    """

    assigned: Callable[[frozenset[TopicPartition]], None]
    finish: Callable[[], Awaitable[None]]
    revoked: Callable[[], Awaitable[None]]
    changed: Callable[[], None]
    finish_limit_s: float


class Ownership(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    def __init__(self, duties: Duties) -> None:
        self._duties = duties
        self._epoch = 0
        self._finishing: int | None = None
        self._assigned: frozenset[TopicPartition] = frozenset()
        self._ready: frozenset[TopicPartition] = frozenset()
        self._is_joined = False
        self._is_rebalancing = True
        self._news = asyncio.Event()
        self._closed = asyncio.Event()

    @property
    def ready(self) -> frozenset[TopicPartition]:
        """What may be consumed now. aiokafka hands out records before an assignment is complete."""
        return self._ready

    @property
    def is_joined(self) -> bool:
        """The group has given us a share once, be it none, and all of it could be consumed."""
        return self._is_joined

    @property
    def is_spare(self) -> bool:
        """The group has nothing for us."""
        return self._is_joined and not self._is_rebalancing and not self._assigned

    @property
    def epoch(self) -> int:
        return self._epoch

    def may_begin(self, epoch: int) -> bool:
        return epoch == self._epoch

    def may_commit(self, epoch: int) -> bool:
        return epoch in (self._epoch, self._finishing)

    async def until_ready(self) -> None:
        while not self._ready:
            self._news.clear()
            await self._news.wait()

    def admit(self, *partitions: TopicPartition) -> None:
        """They may be consumed; one that was taken away meanwhile is passed over."""
        self._become(self._ready | (self._assigned & set(partitions)))

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._is_rebalancing = False
        self._assigned = frozenset(assigned)
        logger.info("partitions assigned", extra={"partitions": sorted(one.partition for one in self._assigned)})
        self._duties.assigned(self._assigned)
        self._become(self._ready)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._finishing, self._epoch = self._epoch, self._epoch + 1
        had, self._assigned, self._is_rebalancing = self._assigned, frozenset(), True
        self._become(frozenset())
        if not await self._finish():
            # Staying longer would cost us our membership. Their new owner gets these records again.
            logger.warning("gave up records under way in a rebalance", extra={"partitions": len(had)})
        self._finishing = None
        await self._duties.revoked()

    def close(self) -> None:
        """Nothing will be finished any more: a rebalance need not wait for it."""
        self._closed.set()

    async def _finish(self) -> bool:
        async with asyncio.TaskGroup() as tasks:
            finishing = tasks.create_task(_awaited(self._duties.finish()))
            closing = tasks.create_task(_awaited(self._closed.wait()))
            await asyncio.wait(
                [finishing, closing], timeout=self._duties.finish_limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            is_finished = finishing.done()
            finishing.cancel()
            closing.cancel()
        return is_finished

    def _become(self, ready: frozenset[TopicPartition]) -> None:
        self._ready = ready
        self._is_joined = self._is_joined or (not self._is_rebalancing and ready == self._assigned)
        self._news.set()
        self._duties.changed()


async def _awaited(condition: Awaitable[object]) -> None:
    await condition
