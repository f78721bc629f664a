"""One input Kafka partition under `exactly_once`: its producer, its transactions, one after the other."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from agent.backoff import Backoff
from agent.clock import Clock
from agent.inference import parcels
from agent.inference.batch import Departures
from agent.inference.courier import TOO_LARGE, stop_quietly
from agent.inference.dead_letters import undeliverable
from agent.inference.metrics import InferenceMetrics
from agent.inference.parcels import Parcel
from agent.inference.topics import Topics
from agent.inference.work import Work
from shared.documents import Cluster
from shared.errors import ClusterError
from shared.kafka import FencedError, cluster_error, connect, producer, translated
from shared.kafka.clients import HEARTBEAT_INTERVAL_MS, MAX_BATCH_BYTES

logger = logging.getLogger(__name__)

RETRY = Backoff(first_s=0.1, cap_s=5.0)
# A member that was stopped and continued hears by its next heartbeat that the partition is another's. It must not fence
# the new owner before that.
_FENCED_PAUSE_S = HEARTBEAT_INTERVAL_MS / 1000 + 0.5


# Longer than any rebalance takes.
_LOSS_TIMEOUT_S = 60.0


class _TooLargeError(ClusterError):
    def __init__(self, parcel: Parcel, reason: str) -> None:
        super().__init__(reason)
        self.parcel = parcel


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What all lanes of a workload share. `admit` says that a partition may be consumed."""

    cluster: Cluster
    group: str
    topics: Topics
    consumer: AIOKafkaConsumer
    admit: Callable[[TopicPartition], None]
    metrics: InferenceMetrics
    clock: Clock
    random: Random


class Lane:
    def __init__(self, partition: TopicPartition, route: Route) -> None:
        self._trouble = ""
        self._since: float | None = None
        self._partition = partition
        self._route = route
        self._transactional_id = f"{route.group}.{partition.topic}.{partition.partition}"
        self._works: asyncio.Queue[Work] = asyncio.Queue()
        self._producer: AIOKafkaProducer = None
        self._committed: int | None = None
        self._max_batch_bytes = MAX_BATCH_BYTES
        self._failures = 0
        self._sent = 0
        self._leaving = asyncio.Event()

    def put(self, work: Work) -> None:
        self._works.put_nowait(work)

    def leave(self) -> None:
        """The partition is being taken away: what fails from now on is left to its next owner."""
        self._leaving.set()

    def trouble(self, patience_s: float) -> str:
        """Why a transaction takes longer than `patience_s`; empty while all is well."""
        waited = 0.0 if self._since is None else self._route.clock.monotonic() - self._since
        if self._trouble or waited < patience_s:
            return self._trouble
        return f"cluster {self._route.cluster.name!r}: a transaction has waited for {waited:.0f} s"

    async def run(self) -> None:
        """Until cancelled. What is not committed then was never seen by a reader of committed records."""
        work: Work | None = None
        try:
            await self._open()
            self._route.admit(self._partition)
            while True:
                work = await self._works.get()
                await self._deliver(work)
                work.finished()
                work = None
        finally:
            if work is not None:
                work.finished()
            while not self._works.empty():
                self._works.get_nowait().finished()
            await self._let_go()

    async def _deliver(self, work: Work) -> None:
        since = self._route.clock.monotonic()
        departures = work.depart(degrades=False)
        work.sent()
        await self._route.topics.until_there(departures)
        # Only now: until here nothing waits but for a topic, which tells of itself.
        self._since = self._route.clock.monotonic()
        end = work.taken.offsets[self._partition]
        # Without a producer the partition is on its way to another member, which will infer these records again.
        while self._producer is not None and self._committed != end:
            try:
                sent = await self._transact(self._producer, departures, end)
            except ClusterError as error:
                if isinstance(error, _TooLargeError):
                    self._make_room(departures, error)
                await self._recover(error, end)
            else:
                self._committed = end
                self._count(departures, sent, self._route.clock.monotonic() - since)
        self._since = None

    async def _transact(self, made: AIOKafkaProducer, departures: Departures, end: int) -> dict[str, list[Parcel]]:
        """Raises ClusterError, after which only a new producer can say how it ended."""
        route = self._route
        with translated(route.cluster.name):
            await made.begin_transaction()
            self._sent += 1
            sent = {
                topic: await parcels.send(made, topic, records, turn=self._sent)
                for topic, records in route.topics.destinations(departures)
            }
            committing = asyncio.ensure_future(made.send_offsets_to_transaction({self._partition: end}, route.group))
            try:
                for parcel in (parcel for some in sent.values() for parcel in some):
                    await self._delivered(parcel)
                await committing
            finally:
                committing.cancel()
            await made.commit_transaction()
        return sent

    async def _delivered(self, parcel: Parcel) -> None:
        try:
            await parcel.delivered
        except TOO_LARGE as error:
            raise _TooLargeError(parcel, str(cluster_error(self._route.cluster.name, error))) from error

    async def _open(self) -> None:
        """Fence whoever had the partition before, then start where it had come to."""
        self._committed = await self._start()
        with translated(self._route.cluster.name):
            if self._committed is None:
                # Without this, a crash before the first commit would let `latest` skip what came meanwhile.
                self._committed = await self._route.consumer.position(self._partition)
                await self._route.consumer.commit({self._partition: self._committed})
            else:
                self._route.consumer.seek(self._partition, self._committed)

    async def _start(self) -> int | None:
        """A new producer, and the offset committed once nothing of its predecessor is open any more."""
        route = self._route
        while True:
            made = producer(
                route.cluster, transactional_id=self._transactional_id, max_batch_bytes=self._max_batch_bytes
            )
            self._producer = made
            try:
                with translated(route.cluster.name):
                    await connect(made)
                    committed: int | None = await route.consumer.committed(self._partition)
            except ClusterError as error:
                await self._let_go()
                await self._pause(error)
            else:
                self._trouble, self._failures = "", 0
                return committed

    async def _recover(self, error: ClusterError, end: int) -> None:
        """After this either nothing of the transaction can ever be seen, or all of it was committed."""
        logger.warning("transaction failed", extra={"partition": self._partition.partition, "reason": str(error)})
        await self._let_go()
        await self._pause(error)
        if self._leaving.is_set():
            return
        committed = await self._start()
        if committed not in (self._committed, end):
            await self._await_loss(committed)
        else:
            self._committed = committed

    async def _await_loss(self, committed: int | None) -> None:
        """Somebody else moved the offset: another member has the partition, and the group is about to say so."""
        try:
            async with asyncio.timeout(_LOSS_TIMEOUT_S):
                await self._leaving.wait()
        except TimeoutError:
            raise ClusterError(
                f"the offset of {self._partition.topic} {self._partition.partition} was moved to {committed} by "
                f"somebody else, expected was {self._committed}"
            ) from None

    async def _pause(self, error: ClusterError) -> None:
        self._trouble = str(error)
        self._failures += 1
        delay_s = RETRY.delay_s(self._failures, jitter=self._route.random.random())
        if isinstance(error, FencedError):
            delay_s = max(delay_s, _FENCED_PAUSE_S)
        try:
            async with asyncio.timeout(delay_s):
                await self._leaving.wait()
        except TimeoutError:
            return

    async def _let_go(self) -> None:
        made, self._producer = self._producer, None
        if made is not None:
            await stop_quietly(made)

    def _make_room(self, departures: Departures, error: _TooLargeError) -> None:
        """Smaller Kafka batches; of a single record that is too large, all but its bytes becomes a dead letter."""
        self._max_batch_bytes = max(1, error.parcel.size_bytes // 2)
        if len(error.parcel.departures) == 1:
            refused = error.parcel.departures[0]
            departures.without(refused)
            departures.dead_letters.append(undeliverable(refused, reason=str(error)))

    def _count(self, departures: Departures, sent: dict[str, list[Parcel]], seconds: float) -> None:
        metrics, upper = self._route.metrics, self._route.topics.upper
        metrics.delivery_seconds.observe(seconds)
        metrics.answered.add(len(departures.answers))
        metrics.dead_lettered.add(len(departures.dead_letters))
        metrics.forwarded.add(len(departures.forwards))
        if upper is not None:
            metrics.up_bytes.add(sum(parcel.size_bytes for parcel in sent.get(upper.name, ())))
