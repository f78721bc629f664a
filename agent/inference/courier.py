"""Sends to one cluster and does not give up: a failed producer is replaced, what it had not delivered is sent again."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from agent.backoff import Backoff
from agent.clock import Clock
from agent.inference import parcels
from agent.inference.batch import Departure
from agent.inference.parcels import Parcel
from shared.documents import Cluster
from shared.errors import ClusterError
from shared.kafka import cluster_error, connect, producer, stop_within, translated
from shared.kafka.clients import MAX_BATCH_BYTES

logger = logging.getLogger(__name__)

RETRY = Backoff(first_s=0.1, cap_s=5.0)
STOP_TIMEOUT_S = 2.0
TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class Refused(NamedTuple):
    """A single record that the cluster will never take."""

    departure: Departure
    reason: str


@dataclass(slots=True, kw_only=True)
class Shipment:
    """Records on their way to one topic. `since` is a reading of the monotonic clock in seconds."""

    topic: str
    parcels: list[Parcel]
    since: float


async def started(
    cluster: Cluster, *, compression: Literal["gzip"] | None = None, max_batch_bytes: int = MAX_BATCH_BYTES
) -> AIOKafkaProducer:
    """A producer that is connected. Raises ClusterError."""
    made = producer(cluster, compression=compression, max_batch_bytes=max_batch_bytes)
    with translated(cluster.name):
        try:
            await connect(made)
        except BaseException:
            await stop_within(made, STOP_TIMEOUT_S)
            raise
    return made


async def stop_quietly(producer: AIOKafkaProducer, timeout_s: float = STOP_TIMEOUT_S) -> None:
    """What it had not delivered is sent again by another, so how it ends does not matter."""
    try:
        await stop_within(producer, timeout_s)
    except ClusterError:
        logger.debug("an abandoned producer did not stop cleanly", exc_info=True)


class Courier:
    """One idempotent producer at a time. Used by one sender and one waiter, both in order of the micro-batches."""

    def __init__(self, cluster: Cluster, *, clock: Clock, random: Random) -> None:
        self._cluster = cluster
        self._clock = clock
        self._random = random
        self._max_batch_bytes = MAX_BATCH_BYTES
        self._producer: AIOKafkaProducer | None = None
        self._sent = 0
        self._failures = 0
        self._under_way: dict[int, Shipment] = {}
        self._trouble = ""
        self._replacing = asyncio.Lock()

    async def start(self) -> None:
        """Raises ClusterError when the cluster cannot be reached."""
        self._producer = await started(self._cluster, max_batch_bytes=self._max_batch_bytes)

    async def stop(self) -> None:
        if self._producer is not None:
            await stop_quietly(self._producer)

    async def send(self, topic: str, departures: Sequence[Departure]) -> Shipment:
        """Returns once the records are queued; waits while the queue is full."""
        self._sent += 1
        since = self._clock.monotonic()
        shipment = Shipment(topic=topic, parcels=[], since=since)
        self._under_way[id(shipment)] = shipment
        if departures:
            shipment.parcels = await self._post(topic, departures)
        return shipment

    async def settle(self, shipment: Shipment) -> list[Refused]:
        """Returns once all is delivered but for the records refused, however long that takes."""
        refused: list[Refused] = []
        waiting = list(reversed(shipment.parcels))
        while waiting:
            parcel = waiting.pop()
            try:
                await self._delivered(parcel)
            except TOO_LARGE as error:
                self._max_batch_bytes = max(1, parcel.size_bytes // 2)
                await self._replace(parcel.producer, error)
                if len(parcel.departures) == 1:
                    refused.append(Refused(parcel.departures[0], str(cluster_error(self._cluster.name, error))))
                else:
                    waiting += await self._post(shipment.topic, parcel.departures)
            except KafkaError as error:
                await self._replace(parcel.producer, error)
                waiting += await self._post(shipment.topic, parcel.departures)
        self._under_way.pop(id(shipment))
        self._failures, self._trouble = 0, ""
        return refused

    def trouble(self, patience_s: float) -> str:
        """Why nothing has been delivered for longer than `patience_s`; empty while all is well."""
        oldest = next(iter(self._under_way.values()), None)
        waited = 0.0 if oldest is None else self._clock.monotonic() - oldest.since
        if waited < patience_s:
            return ""
        return f"cluster {self._cluster.name!r}: {self._trouble or 'no acknowledgement'}, waiting for {waited:.0f} s"

    async def _delivered(self, parcel: Parcel) -> None:
        if parcel.producer is not self._producer and not parcel.delivered.done():
            raise KafkaError("its producer was replaced")
        await parcel.delivered

    async def _post(self, topic: str, departures: Sequence[Departure]) -> list[Parcel]:
        while True:
            producer = self._producer
            try:
                return await parcels.send(producer, topic, departures, turn=self._sent)
            except KafkaError as error:
                await self._replace(producer, error)

    async def _replace(self, failed: AIOKafkaProducer, error: KafkaError) -> None:
        """After a failure an idempotent producer has a gap in its sequence: only a new one can go on."""
        async with self._replacing:
            if self._producer is not failed:
                return
            logger.warning("replacing a producer", extra={"cluster": self._cluster.name, "reason": repr(error)})
            self._trouble = str(cluster_error(self._cluster.name, error))
            await self.stop()
            while True:
                self._failures += 1
                await asyncio.sleep(RETRY.delay_s(self._failures, jitter=self._random.random()))
                try:
                    await self.start()
                except ClusterError as again:
                    self._trouble = str(again)
                else:
                    return
