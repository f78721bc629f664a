"""Records to a topic: in order, at a given pace, each delivery awaited."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field

import msgspec
from aiokafka import AIOKafkaProducer

from fogline.outgoing import Outgoing
from fogline.read_ahead import read_ahead
from shared import kafka
from shared.documents import Cluster
from shared.errors import ClusterError
from shared.record import headers

IN_FLIGHT = 2048
DELIVERY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
TOKEN_BYTES = 8


def new_token() -> bytes:
    return secrets.token_bytes(TOKEN_BYTES)


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The document of `fogline send`. `records_per_s` counts from the first record to the last delivery."""

    topic: str
    records: int
    bytes: int
    seconds: float
    records_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast and how many; `rate` in records a second. None is as fast as Kafka takes them, and all."""

    rate: float | None = None
    limit: int | None = None

    def wait_s(self, *, sent: int, elapsed_s: float) -> float:
        """How long the next record must wait; 0 when it is due."""
        return 0.0 if self.rate is None else max(0.0, sent / self.rate - elapsed_s)


@dataclass(slots=True, kw_only=True)
class _Ids:
    token: Callable[[], bytes] | None
    run: bytes = b""

    def headers(self, row: int) -> list[tuple[str, bytes]]:
        if self.token is None:
            return []
        if row == 0:
            self.run = self.token()
        return [(headers.ID, self.run + row.to_bytes(headers.ID_BYTES - TOKEN_BYTES, "big"))]


@dataclass(slots=True)
class _Tally:
    records: int = 0
    bytes: int = 0
    pending: deque[asyncio.Future[object]] = field(default_factory=deque)


async def send(
    cluster: Cluster,
    topic: str,
    batches: Iterator[list[Outgoing]],
    *,
    pace: Pace,
    token: Callable[[], bytes] | None = new_token,
    on_sent: Callable[[int], None] = lambda count: None,
) -> Sent:
    """Raises ClusterError when the topic is not there or a delivery takes too long.

    A record's id is 8 bytes of `token`, drawn anew for each pass through the file, and its row; None sends no ids.
    """
    await require_topic(cluster, topic)
    producer = kafka.producer(cluster)
    clock = asyncio.get_running_loop().time
    tally, ids, began = _Tally(), _Ids(token=token), clock()
    try:
        with kafka.translated(cluster.name):
            await producer.start()
            async with aclosing(read_ahead(batches)) as ahead:
                async for record in _paced(ahead, pace, clock):
                    await _send_one(producer, topic, record, ids, tally)
                    on_sent(tally.records)
            await _settle(tally, leave=0)
    finally:
        await kafka.stop_within(producer, STOP_TIMEOUT_S)
    seconds = clock() - began
    return Sent(
        topic=topic,
        records=tally.records,
        bytes=tally.bytes,
        seconds=seconds,
        records_per_s=tally.records / seconds if seconds else 0.0,
    )


async def require_topic(cluster: Cluster, topic: str) -> None:
    """Agents make a deployment's topics; a producer that asked for one would have it made with a broker's defaults."""
    async with kafka.admin(cluster) as admin:
        if topic not in await admin.list_topics():
            raise ClusterError(
                f"cluster {cluster.name!r} has no topic {topic!r}: is the deployment ready? (`fogline status`)"
            )


async def _send_one(producer: AIOKafkaProducer, topic: str, record: Outgoing, ids: "_Ids", tally: _Tally) -> None:
    await _settle(tally, leave=IN_FLIGHT - 1)
    delivery = await producer.send(topic, record.value, key=record.key, headers=ids.headers(record.row))
    delivery.add_done_callback(_look)
    tally.pending.append(delivery)
    tally.records += 1
    tally.bytes += len(record.value)


def _look(delivery: "asyncio.Future[object]") -> None:
    """A delivery given up on is no news: what went wrong was raised by the one awaited before it."""
    if not delivery.cancelled():
        delivery.exception()


async def _settle(tally: _Tally, *, leave: int) -> None:
    try:
        async with asyncio.timeout(DELIVERY_TIMEOUT_S):
            while len(tally.pending) > leave:
                await tally.pending.popleft()
    except TimeoutError as error:
        raise ClusterError(f"a record was not delivered within {DELIVERY_TIMEOUT_S:g} s") from error


async def _paced(
    batches: AsyncIterator[list[Outgoing]], pace: Pace, clock: Callable[[], float]
) -> AsyncIterator[Outgoing]:
    sent, began = 0, clock()
    async for batch in batches:
        for record in batch:
            if (wait_s := pace.wait_s(sent=sent, elapsed_s=clock() - began)) > 0:
                await asyncio.sleep(wait_s)
            yield record
            sent += 1
            if sent == pace.limit:
                return
