"""Taking what has arrived: from the Kafka partitions that are ready, bounded in records and in waiting."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from agent.backoff import Backoff
from agent.clock import Clock
from agent.inference.batch import Consumed, Taken
from agent.inference.memory import give_back
from agent.inference.rebalance import Ownership
from shared.documents import Batching
from shared.errors import ClusterError
from shared.kafka import translated

logger = logging.getLogger(__name__)

RETRY = Backoff(first_s=0.1, cap_s=5.0)
# How often an idle consumer looks up from waiting. Records wake it at once.
_POLL_MS = 1000
_MOST_FAILURES = 8

Found = dict[TopicPartition, list[Consumed]]


class Intake:
    """`is_split`: each `Taken` holds records of one Kafka partition only, as a transaction needs it.

    `changed` is called whenever `trouble` has changed.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        ownership: Ownership,
        *,
        cluster: str,
        batching: Batching,
        is_split: bool,
        clock: Clock,
        random: Random,
        changed: Callable[[], None],
    ) -> None:
        self.batching = batching
        self.trouble = ""
        self._consumer = consumer
        self._ownership = ownership
        self._cluster = cluster
        self._is_split = is_split
        self._clock = clock
        self._random = random
        self._changed = changed
        self._failures = 0
        self._has_worked = False
        self._rest: deque[Taken] = deque()
        self._next: dict[TopicPartition, int] = {}
        self._polling: asyncio.Timeout | None = None
        self._paused: frozenset[TopicPartition] = frozenset()

    async def take(self) -> Taken:
        """Waits for records. Raises ClusterRefusedError; what passes by itself is waited out."""
        self._resume()
        while True:
            while self._rest:
                taken = self._rest.popleft()
                if self._ownership.may_begin(taken.epoch):
                    return taken
            await self._ownership.until_ready()
            epoch = self._ownership.epoch
            found = await self._poll()
            # Records handed out just before their partitions were taken away belong to the next owner.
            if found and self._ownership.may_begin(epoch):
                self._rest.extend(self._packed(found, epoch))
                self._next.update({partition: records[-1].offset + 1 for partition, records in found.items()})

    def lag(self) -> int:
        """Records that wait in Kafka behind the last ones taken."""
        ends = ((self._consumer.highwater(partition), self._next.get(partition)) for partition in self._ownership.ready)
        return sum(max(0, end - begin) for end, begin in ends if end is not None and begin is not None)

    def interrupt(self) -> None:
        """Partitions are being taken away. A poll that outlived this would get records of the next assignment, which
        nobody would begin and whose offsets would be passed over."""
        if self._polling is not None:
            self._polling.reschedule(asyncio.get_running_loop().time())

    def hold(self) -> None:
        """Fetch nothing more until the next `take`: asking for it would come before sending what was taken."""
        self._paused = self._ownership.ready
        self._consumer.pause(*self._paused)

    async def keep_alive(self) -> None:
        """While nothing may be taken for long, tell the group that this member lives, and let go of fetched records."""
        self._paused = self._ownership.ready
        if self._paused:
            self._consumer.pause(*self._paused)
            with translated(self._cluster):
                async with self._interruptible():
                    await self._consumer.getmany(*self._paused, timeout_ms=0)

    def _resume(self) -> None:
        if self._paused:
            self._consumer.resume(*(self._paused & self._ownership.ready))
            self._paused = frozenset()

    async def _poll(self) -> Found:
        try:
            found: Found = {}
            with translated(self._cluster):
                async with self._interruptible():
                    found = await self._fill()
        except ClusterError as error:
            # A broker that is away never shows here; a consumer that fails again and again is broken itself.
            if not error.retriable or self._failures >= _MOST_FAILURES:
                raise
            await self._wait_out(error)
            return {}
        if self.trouble:
            self._report("")
        self._failures = 0
        self._rest_after_work(is_idle=not found)
        return found

    def _rest_after_work(self, *, is_idle: bool) -> None:
        if is_idle and self._has_worked:
            give_back()
        self._has_worked = not is_idle

    @asynccontextmanager
    async def _interruptible(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(None) as self._polling:
                yield
        except TimeoutError:
            logger.debug("a poll was interrupted by a rebalance")
        finally:
            self._polling = None

    async def _fill(self) -> Found:
        """What is there, at once; with `max_wait_ms` also what comes until then, or until the micro-batch is full."""
        most = self.batching.max_records
        found: Found = await self._consumer.getmany(*self._ownership.ready, timeout_ms=_POLL_MS, max_records=most)
        if not found or not self.batching.max_wait_ms:
            return found
        until = self._clock.monotonic() + self.batching.max_wait_ms / 1000
        while (wanted := most - sum(map(len, found.values()))) > 0:
            left_ms = round(1000 * (until - self._clock.monotonic()))
            if left_ms <= 0:
                break
            more: Found = await self._consumer.getmany(*self._ownership.ready, timeout_ms=left_ms, max_records=wanted)
            for partition, records in more.items():
                found.setdefault(partition, []).extend(records)
        return found

    def _packed(self, found: Found, epoch: int) -> list[Taken]:
        now = self._clock.monotonic()
        groups = [{one: found[one]} for one in found] if self._is_split else [found]
        return [
            Taken(
                records=[record for records in group.values() for record in records],
                offsets={partition: records[-1].offset + 1 for partition, records in group.items()},
                epoch=epoch,
                taken_at=now,
            )
            for group in groups
        ]

    async def _wait_out(self, error: ClusterError) -> None:
        self._failures += 1
        self._report(str(error))
        await asyncio.sleep(RETRY.delay_s(self._failures, jitter=self._random.random()))

    def _report(self, trouble: str) -> None:
        if trouble and not self.trouble:
            logger.warning("cannot consume", extra={"reason": trouble})
        elif self.trouble and not trouble:
            logger.info("consuming again", extra={"failures": self._failures})
        self.trouble = trouble
        self._changed()
