"""Records to a topic in blocks: each is one batch of Kafka's, for one of its partitions."""

import asyncio
from collections import deque
from collections.abc import Iterable
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import RecordMetadata
from msgspec.structs import replace

from shared.errors import ClusterError
from shared.kafka import translated
from shared.streams.encoding import Pair
from shared.streams.ranges import Range, merged

# Of a block, unless a single record is larger. The blocks for all Kafka partitions that one broker leads travel in one
# request, which must arrive within the request timeout: at 1 Mbit/s a block takes 2 s.
BLOCK_BYTES = 2**18
# So many blocks wait in memory for their acknowledgement.
MOST_UNACKNOWLEDGED = 8
DELIVERY_TIMEOUT_S = 30.0
_MOST_RECORDS = 1000
_FEWEST_RECORDS = 32


def block_records(sent: int, partitions: int) -> int:
    """How many the next block may hold: few at first, so that a short stream is spread as well as a long one."""
    if partitions == 1:
        return _MOST_RECORDS
    return min(_MOST_RECORDS, max(_FEWEST_RECORDS, sent // (4 * partitions)))


class BlockWriter:
    """Deals blocks to the Kafka partitions in turn and keeps where they lie, from their acknowledgements.

    `producer` makes batches of BLOCK_BYTES. Never by key: a label as key would put each class into one partition. A
    block goes when it is full, or at `settle`.
    """

    def __init__(self, producer: AIOKafkaProducer, cluster: str, topic: str, partitions: int) -> None:
        self._producer = producer
        self._cluster = cluster
        self._topic = topic
        self._partitions = partitions
        self._next_partition = 0
        self._block: Any = None
        self._pending: deque[tuple[asyncio.Future[RecordMetadata], int]] = deque()
        self._written: dict[int, list[Range]] = {}
        self.sent = 0
        self.sent_bytes = 0

    @property
    def written(self) -> tuple[Range, ...]:
        """What was acknowledged; of another writer's records between ours there is none in it."""
        return merged(chain.from_iterable(self._written.values()))

    async def write(self, pairs: Iterable[Pair]) -> None:
        """Raises ClusterError when an earlier record was not delivered, or takes too long to be."""
        for pair in pairs:
            if not self._fits(pair):
                await self._dispatch()
                self._fits(pair)
            self.sent += 1
            self.sent_bytes += len(pair.value) + len(pair.key)

    async def settle(self) -> None:
        """On return every record is acknowledged. Raises ClusterError when one cannot be."""
        await self._dispatch()
        await self._await_deliveries(leave=0)

    def look(self) -> None:
        """Take notice of what has been acknowledged by now, of failures none: for the account after one."""
        for delivery, records in self._pending:
            if delivery.done() and not delivery.cancelled() and delivery.exception() is None:
                self._keep(delivery.result(), records)
        self._pending.clear()

    def _fits(self, pair: Pair) -> bool:
        """Into the open block; the first one always does, whatever its size: the broker judges that."""
        if self._block is None:
            self._block = self._producer.create_batch()
        elif self._block.record_count() >= block_records(self.sent, self._partitions):
            return False
        return self._block.append(timestamp=None, key=pair.key, value=pair.value) is not None

    async def _dispatch(self) -> None:
        block, self._block = self._block, None
        if block is None:
            return
        block.close()
        await self._await_deliveries(leave=MOST_UNACKNOWLEDGED - 1)
        with translated(self._cluster):
            try:
                delivery = await self._producer.send_batch(block, self._topic, partition=self._next_partition)
            except KafkaTimeoutError as error:
                raise self._silence() from error
        self._pending.append((delivery, block.record_count()))
        self._next_partition = (self._next_partition + 1) % self._partitions

    async def _await_deliveries(self, *, leave: int) -> None:
        while len(self._pending) > leave:
            delivery, records = self._pending[0]
            # Unlike `wait_for` it leaves the delivery alone when it is interrupted.
            done, _ = await asyncio.wait([delivery], timeout=DELIVERY_TIMEOUT_S)
            if not done:
                raise self._silence()
            self._pending.popleft()
            with translated(self._cluster):
                acknowledged = delivery.result()
            if not self._keep(acknowledged, records):
                # After a lost answer and a long pause a broker knows that it has a batch, but no longer where.
                raise ClusterError(
                    f"cluster {self._cluster!r}: records were acknowledged without their offsets: send the stream again"
                )

    def _silence(self) -> ClusterError:
        return ClusterError(f"cluster {self._cluster!r} acknowledges no records (is it well, and the network to it?)")

    def _keep(self, acknowledged: RecordMetadata, records: int) -> bool:
        """Neighbours as one range, for a stream has many blocks. False where the cluster did not say where they lie."""
        start, partition = acknowledged.offset, acknowledged.partition
        if start < 0:
            return False
        written = self._written.setdefault(partition, [])
        if written and written[-1].end == start:
            written[-1] = replace(written[-1], end=start + records)
        else:
            written.append(Range(topic=self._topic, partition=partition, start=start, end=start + records))
        return True
