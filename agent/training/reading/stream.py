"""From Kafka to the shelf: every record of an announced stream once, in bounded memory, resumable at any moment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from numpy.typing import NDArray

from agent.training.reading import manifest
from agent.training.reading.aside import Aside, Rejected
from agent.training.reading.legs import Leg, legs
from agent.training.reading.manifest import Manifest, Origin
from agent.training.reading.shelf_writer import ShelfWriter
from shared.documents import Cluster
from shared.documents.types import DType, Fraction, TensorSpec
from shared.errors import ClusterError, DocumentError, RecordError
from shared.kafka import ConsumerBounds, connect, consumer, stop_within, translated
from shared.streams.decoding import Example, StreamDecoder
from shared.streams.ranges import Range

TAKEN_AT_ONCE = 2000
SILENCE_S = 30.0
_FETCH_WAIT_MS = 500
_STOP_TIMEOUT_S = 5.0
_BOUNDS = ConsumerBounds(fetch_max_bytes=8 * 2**20, max_partition_fetch_bytes=4 * 2**20)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReader:
    """`most_rejected`: the share of the stream that may be unreadable before reading it ends.

    `silence_s`: a broker that gives nothing for so long while records are missing is as good as away.
    `said` is told after each step how many of the stream's offsets are behind it, those of earlier processes included.
    """

    cluster: Cluster
    ranges: tuple[Range, ...]
    decoder: StreamDecoder
    most_rejected: Fraction = 0.01
    silence_s: float = SILENCE_S
    said: Callable[[int], None] = field(default=lambda _: None)

    async def shelve(self, folder: Path) -> None:
        """Go on where the last process stopped, to the end.

        Raises ClusterError, DocumentError for a stream that the log no longer holds, that does not fit what is shelved
        in the folder or has too many unreadable records, StorageError.
        """
        client = consumer(self.cluster, group=None, read_committed=True, bounds=_BOUNDS)
        with translated(self.cluster.name):
            try:
                await connect(client)
                await self._shelve(client, folder)
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _shelve(self, client: AIOKafkaConsumer, folder: Path) -> None:
        # 1. The log must still hold what is to be read, all of it: less would be another stream.
        there = manifest.load(folder)
        todo = legs(self.ranges, _positions(there))
        await _require_kept(client, todo)
        await self._await_written(client, todo)
        # 2. Know the shapes: as announced, as shelved before, or as the first record shows.
        decoder = await self._settled(client, there)
        inputs, labels = specs(decoder)
        # 3. One Kafka partition after the other, which is the order of the rows.
        with (
            ShelfWriter.open(folder, inputs=inputs, labels=labels) as writer,
            Aside.open(folder, writer.positions) as aside,
        ):
            for leg in todo:
                await self._read(client, leg, decoder, writer, aside)

    async def _read(
        self, client: AIOKafkaConsumer, leg: Leg, decoder: StreamDecoder, writer: ShelfWriter, aside: Aside
    ) -> None:
        async for records, position in self._taken(client, leg):
            examples = decoder.decode_many([one.value for one in records], [one.key for one in records])
            aside.add(_rejected(records[index], reason) for index, reason in examples.faults)
            labels = np.zeros(len(examples.x), np.uint8) if examples.y is None else examples.y
            writer.append(leg.origin, examples.x, labels, position=position, rejected=len(examples.faults))
            self._require_readable(writer.rejected, examples.faults)
            self.said(_behind(self.ranges, writer.positions))

    async def _await_written(self, client: AIOKafkaConsumer, todo: Sequence[Leg]) -> None:
        """Raises DocumentError for what is not there after a while: somebody's transaction may be undecided still."""
        partitions, clock = [TopicPartition(*leg.origin) for leg in todo], asyncio.get_running_loop().time
        given_up_s = clock() + self.silence_s
        while True:
            last = await client.end_offsets(partitions)
            short = next((leg for leg in todo if last[TopicPartition(*leg.origin)] < leg.end), None)
            if short is None:
                return
            if clock() > given_up_s:
                reached = last[TopicPartition(*short.origin)]
                raise DocumentError(
                    f"{short} ends beyond the log, which ends at {reached}, or goes on there with a transaction that "
                    "nobody ends",
                    field="ranges",
                )
            await asyncio.sleep(_FETCH_WAIT_MS / 1e3)

    async def _taken(
        self, client: AIOKafkaConsumer, leg: Leg
    ) -> AsyncIterator[tuple[list[ConsumerRecord[bytes, bytes]], int]]:
        """Records in the order of their offsets, and the next offset to read: it also passes what holds no record, as
        the marks of transactions and what compaction took."""
        partition, clock = TopicPartition(*leg.origin), asyncio.get_running_loop().time
        client.assign([partition])
        client.seek(partition, leg.start)
        position, heard_s = leg.start, clock()
        while position < leg.end:
            found = await client.getmany(partition, timeout_ms=_FETCH_WAIT_MS, max_records=TAKEN_AT_ONCE)
            reached = min(await client.position(partition), leg.end)
            if reached > position:
                position, heard_s = reached, clock()
                yield [one for one in found.get(partition, ()) if one.offset < leg.end], position
            elif clock() - heard_s > self.silence_s:
                raise ClusterError(
                    f"cluster {self.cluster.name!r}: nothing came from {leg} for {self.silence_s:g} s, "
                    f"at offset {position}"
                )

    def _require_readable(self, rejected: int, faults: Sequence[tuple[int, str]]) -> None:
        total = sum(one.offsets for one in self.ranges)
        if faults and rejected > self.most_rejected * total:
            raise DocumentError(
                f"{rejected} of {total} records cannot be read, more than {self.most_rejected:.2%}; "
                f"the last one: {faults[-1][1]}",
                field="input",
            )

    async def _settled(self, client: AIOKafkaConsumer, there: Manifest | None) -> StreamDecoder:
        if self.decoder.is_settled:
            return self.decoder
        if there is not None:
            return self.decoder.settled(Example(x=_nothing(there.inputs), y=_nothing(there.labels)))
        for leg in legs(self.ranges, {}):
            async for records, _ in self._taken(client, leg):
                for one in records:
                    with suppress(RecordError):
                        return self.decoder.settled(self.decoder.decode(one.value, one.key))
        raise DocumentError("no record of this stream can be read: its shape is not known", field="ranges")


def specs(decoder: StreamDecoder) -> tuple[TensorSpec, TensorSpec]:
    """Of the inputs and of the labels; records without labels are given the label 0. The decoder is settled.

    Raises DocumentError for elements that no network takes.
    """
    inputs = _spec(decoder.dtype, decoder.shape or (), "input.data_type")
    if decoder.label_dtype is None:
        return inputs, TensorSpec(dtype=DType.UINT8, shape=())
    return inputs, _spec(decoder.label_dtype, decoder.label_shape or (), "input.label_type")


async def _require_kept(client: AIOKafkaConsumer, todo: Sequence[Leg]) -> None:
    """Raises DocumentError for what has expired."""
    first = await client.beginning_offsets([TopicPartition(*leg.origin) for leg in todo])
    for leg in todo:
        begin = first[TopicPartition(*leg.origin)]
        if begin >= leg.end:
            raise DocumentError(f"{leg} has expired: the log begins at {begin}; send it again", field="ranges")
        if begin > leg.start:
            raise DocumentError(
                f"{leg} has expired up to {begin}: training on what is left would be training on another stream; "
                "send it again, or announce the rest",
                field="ranges",
            )


def _rejected(record: ConsumerRecord[bytes, bytes], reason: str) -> Rejected:
    return Rejected(topic=record.topic, partition=record.partition, offset=record.offset, reason=reason)


def _positions(there: Manifest | None) -> dict[Origin, int]:
    return {} if there is None else {lot.origin: lot.position for lot in there.lots}


def _spec(dtype: np.dtype[Any], shape: tuple[int, ...], field: str) -> TensorSpec:
    try:
        return TensorSpec(dtype=DType(dtype.name), shape=shape)
    except ValueError as error:
        raise DocumentError(f"no network takes {dtype.name}; one of {', '.join(DType)}", field=field) from error


def _nothing(spec: TensorSpec) -> NDArray[Any]:
    return np.zeros(spec.shape, spec.dtype.value)


def _behind(ranges: Sequence[Range], positions: dict[Origin, int]) -> int:
    total = sum(one.offsets for one in ranges)
    return total - sum(leg.end - leg.start for leg in legs(ranges, positions))
