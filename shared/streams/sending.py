"""A stream on its way into the log: its records first, every delivery awaited, then one announcement of them all."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from shared import kafka
from shared.documents import Cluster
from shared.errors import RecordError, SettingsError
from shared.kafka import ClusterRefusedError, Keeping
from shared.streams import control_message
from shared.streams.announcement import Announcement
from shared.streams.block_writer import BLOCK_BYTES, DELIVERY_TIMEOUT_S, BlockWriter
from shared.streams.encoding import Pair, StreamEncoder
from shared.streams.purpose import Purpose
from shared.streams.ranges import Range, merged, ranges_text

STOP_TIMEOUT_S = 5.0
# A person must be able to read where the records of a failed stream lie.
_MOST_SHOWN = 8


@dataclass(slots=True)
class StreamSender:
    """For the length of an `async with` block, whose end announces; a block that is left by an error announces nothing.

    Records with labels and without may be sent in any order. `partitions`: of the topic, should it have to be made. An
    error that ends the block, whatever its kind, carries a note of what was written where.

    Entering raises ClusterError; ClusterRefusedError for a topic that may not be made or would not keep the records;
    SettingsError for one of another number of partitions.
    """

    cluster: Cluster
    topic: str
    encoder: StreamEncoder
    purpose: Purpose = field(default_factory=Purpose)
    partitions: int | None = None
    announcement: Announcement | None = field(default=None, init=False)
    keeping: Keeping | None = field(default=None, init=False)
    _labelled: BlockWriter = field(init=False)
    _unlabelled: BlockWriter = field(init=False)
    _producer: AIOKafkaProducer = field(init=False)
    _may_be_announced: bool = field(default=False, init=False)

    async def __aenter__(self) -> Self:
        partitions = await self._prepare_topics()
        self._producer = kafka.producer(self.cluster, max_batch_bytes=BLOCK_BYTES)
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(kafka.stop_within, self._producer, STOP_TIMEOUT_S)
            with kafka.translated(self.cluster.name):
                await kafka.connect(self._producer)
            on_failure.pop_all()
        self._labelled, self._unlabelled = (
            BlockWriter(self._producer, self.cluster.name, self.topic, partitions) for _ in range(2)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self._settle_and_announce()
        except BaseException as failure:
            error = failure
            raise
        finally:
            await self._stop(error)

    async def send(self, x: Any, y: Any = None) -> None:  # noqa: ANN401 - what the encoder takes
        """Many examples; `y` is None where they have no labels. Returns when they are encoded and there is room for
        more, which may be before they are written.

        Raises RecordError for an example no decoder would take, ClusterError when an earlier record was not delivered.
        """
        await self.write(self.encoder.encode(x, y), is_labelled=y is not None)

    async def write(self, pairs: list[Pair], *, is_labelled: bool) -> None:
        """The same of records that `encoder` has made."""
        await (self._labelled if is_labelled else self._unlabelled).write(pairs)

    @property
    def sent(self) -> int:
        return self._labelled.sent + self._unlabelled.sent

    @property
    def sent_unlabelled(self) -> int:
        return self._unlabelled.sent

    @property
    def sent_bytes(self) -> int:
        """Of values and keys."""
        return self._labelled.sent_bytes + self._unlabelled.sent_bytes

    def account(self) -> str:
        """What was written, acknowledged so far, and whether anybody has been told of it."""
        written = merged((*self._labelled.written, *self._unlabelled.written))
        total = sum(one.offsets for one in written)
        where = f" ({_shown(written)})" if written else ""
        told = "it is not known whether they were announced" if self._may_be_announced else "nothing was announced"
        return f"{total} records were written to {self.topic!r}{where}, {told}"

    async def _prepare_topics(self) -> int:
        async with kafka.admin(self.cluster) as admin:
            found = await kafka.ensure_topic(admin, self.cluster, self.topic, partitions=self.partitions)
            if self.partitions not in (None, found):
                raise SettingsError(f"topic {self.topic!r} is there already: its number of partitions, {found}, stays")
            if self.purpose.request is not None:
                await kafka.ensure_topic(admin, self.cluster, self.purpose.control_topic, partitions=1)
            self.keeping = await self._checked_keeping(admin)
        return found

    async def _checked_keeping(self, admin: AIOKafkaAdminClient) -> Keeping | None:
        found = await kafka.keeping(admin, self.topic)
        if found is not None and found.is_compacted:
            raise ClusterRefusedError(
                f"topic {self.topic!r} is compacted: of all records with one label it would keep the last; "
                "send to another topic, or set its cleanup.policy to delete"
            )
        return found

    async def _settle_and_announce(self) -> None:
        await self._labelled.settle()
        await self._unlabelled.settle()
        labelled, unlabelled = self._labelled.written, self._unlabelled.written
        if not labelled and not unlabelled:
            raise RecordError("no record was sent: there is nothing to announce")
        announcement = self.purpose.announcement(self.encoder.input, labelled, unlabelled)
        if self.purpose.request is not None:
            await self._tell(self.purpose.request, control_message.encode(announcement))
        self.announcement = announcement

    async def _tell(self, request: int, message: bytes) -> None:
        self._may_be_announced = True
        try:
            with kafka.translated(self.cluster.name):
                async with asyncio.timeout(DELIVERY_TIMEOUT_S):
                    await self._producer.send_and_wait(
                        self.purpose.control_topic, key=control_message.request_key(request), value=message
                    )
        except ClusterRefusedError:
            self._may_be_announced = False
            raise

    async def _stop(self, error: BaseException | None) -> None:
        """What was given to the producer is still delivered, if the cluster takes it soon."""
        try:
            await kafka.stop_within(self._producer, STOP_TIMEOUT_S)
        finally:
            self._labelled.look()
            self._unlabelled.look()
            if error is not None:
                error.add_note(self.account())


def _shown(ranges: tuple[Range, ...]) -> str:
    more = len(ranges) - _MOST_SHOWN
    return ranges_text(ranges[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
