"""Where records lie, from their acknowledgements: against a log that others write to as well, and that may fail."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import ClusterError
from shared.kafka import ClusterRefusedError
from shared.streams.block_writer import MOST_UNACKNOWLEDGED, BlockWriter, block_records
from shared.streams.encoding import Pair


@dataclass
class Block:
    """A batch of Kafka's that holds few records."""

    most: int
    pairs: list[Pair] = field(default_factory=list)

    def append(self, *, timestamp: None, key: bytes, value: bytes) -> object | None:
        if len(self.pairs) == self.most:
            return None
        self.pairs.append(Pair(value, key))
        return self

    def record_count(self) -> int:
        return len(self.pairs)

    def close(self) -> None:
        pass


@dataclass
class Log:
    """The part of a producer that a writer uses. Before each block somebody else writes as many records as `gaps` say.

    An acknowledgement comes `late` after its block was sent, or never; or an error, where `faults` has one.
    """

    gaps: list[int]
    faults: dict[int, Exception] = field(default_factory=dict)
    most: int = 5
    late: float | None = 0
    partitions: dict[int, list[Pair | None]] = field(default_factory=dict)
    blocks: int = 0
    unacknowledged: int = 0
    most_unacknowledged: int = 0

    def create_batch(self) -> Block:
        return Block(self.most)

    async def send_batch(self, block: Block, topic: str, *, partition: int) -> "asyncio.Future[RecordMetadata]":
        delivery: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        records = self.partitions.setdefault(partition, [])
        records += [None] * self.gaps[self.blocks % len(self.gaps)]
        fault = self.faults.get(self.blocks)
        if isinstance(fault, KafkaTimeoutError):
            raise fault
        place = RecordMetadata(topic, partition, TopicPartition(topic, partition), len(records), 0, 1, 0)
        records += [] if fault else block.pairs
        self.blocks += 1
        self.unacknowledged += 1
        self.most_unacknowledged = max(self.most_unacknowledged, self.unacknowledged)
        if self.late is not None:
            asyncio.get_running_loop().call_later(self.late, self._answer, delivery, fault or place)
        return delivery

    def _answer(self, delivery: "asyncio.Future[RecordMetadata]", answer: Any) -> None:  # noqa: ANN401 - one of two
        self.unacknowledged -= 1
        if isinstance(answer, Exception):
            delivery.set_exception(answer)
        else:
            delivery.set_result(answer)


def records(count: int) -> list[Pair]:
    return [Pair(number.to_bytes(4, "big"), b"") for number in range(count)]


def writer(log: Log, partitions: int) -> BlockWriter:
    return BlockWriter(log, "here", "t", partitions)


@given(st.integers(0, 200), st.integers(1, 4), st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_the_ranges_hold_the_records_that_were_sent_and_no_other(count: int, partitions: int, gaps: list[int]) -> None:
    log = Log(gaps=gaps)

    async def write() -> BlockWriter:
        mine = writer(log, partitions)
        await mine.write(records(count))
        await mine.settle()
        return mine

    mine = asyncio.run(write())
    found = [pair for one in mine.written for pair in log.partitions[one.partition][one.start : one.end]]
    assert sorted(pair for pair in found if pair is not None) == records(count)
    assert len(found) == count == mine.sent
    assert log.most_unacknowledged <= MOST_UNACKNOWLEDGED
    if not any(gaps):
        assert len(mine.written) <= partitions


@given(st.integers(1, 8), st.integers(0, 10**6))
def test_no_partition_gets_ahead_by_more_than_a_quarter_of_its_share(partitions: int, sent: int) -> None:
    assert block_records(sent, partitions) <= max(1000 if partitions == 1 else 32, sent / partitions / 4)


async def test_after_a_failed_delivery_the_others_are_still_accounted_for() -> None:
    log = Log(gaps=[0], faults={1: MessageSizeTooLargeError()})
    mine = writer(log, 1)
    await mine.write(records(20))
    with pytest.raises(ClusterRefusedError, match="MessageSizeTooLarge"):
        await mine.settle()
    await asyncio.sleep(0)
    mine.look()
    assert sum(one.offsets for one in mine.written) == 15


async def test_an_acknowledgement_without_a_place_is_an_error() -> None:
    log = Log(gaps=[0], late=None)
    mine = writer(log, 1)
    await mine.write(records(6))
    place = RecordMetadata("t", 0, TopicPartition("t", 0), -1, -1, 0, None)
    log._answer(mine._pending[0][0], place)
    with pytest.raises(ClusterError, match="acknowledged without their offsets"):
        await mine.settle()
    assert mine.written == ()


async def test_a_broker_that_takes_nothing_any_more_is_an_error() -> None:
    mine = writer(Log(gaps=[0], faults={1: KafkaTimeoutError()}), 1)
    with pytest.raises(ClusterError, match="acknowledges no records"):
        await mine.write(records(20))


async def test_what_is_not_acknowledged_yet_is_not_counted() -> None:
    mine = writer(Log(gaps=[0], late=None), 1)
    await mine.write(records(11))
    mine.look()
    assert mine.written == ()
