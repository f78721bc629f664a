"""Records into batches of the Kafka protocol, one future a batch: much cheaper than one future a record."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from agent.inference.batch import Departure


@dataclass(slots=True, kw_only=True)
class Parcel:
    """Records for one partition. `delivered` is done when the cluster has acknowledged all of them, or says why not;
    never when its producer was stopped before."""

    producer: AIOKafkaProducer
    departures: Sequence[Departure]
    size_bytes: int
    delivered: "asyncio.Future[Any]"


async def send(producer: AIOKafkaProducer, topic: str, departures: Sequence[Departure], *, turn: int) -> list[Parcel]:
    """Hand records to a started producer. Returns once they are queued, which waits while its queue is full.

    A record with a key goes to the partition any Kafka client would choose for it. Those without stay together, on a
    partition that `turn` chooses: a batch on one partition costs less than three on three.
    """
    partitions = sorted(await producer.partitions_for(topic))
    parcels = []
    for partition, share in by_partition(departures, partitions, turn).items():
        for fitting, builder, size in _batches(producer, share):
            delivered = await _queue(producer, builder, topic, partition)
            parcels.append(Parcel(producer=producer, departures=fitting, size_bytes=size, delivered=delivered))
    return parcels


async def _queue(
    producer: AIOKafkaProducer, builder: BatchBuilder, topic: str, partition: int
) -> "asyncio.Future[Any]":
    while True:
        try:
            future: asyncio.Future[Any] = await producer.send_batch(builder, topic, partition=partition)
        except KafkaTimeoutError:
            # The batch before this one is still on its way to a broker that is away: it was not queued.
            continue
        return future


def by_partition(
    departures: Sequence[Departure], partitions: Sequence[int], turn: int
) -> dict[int, Sequence[Departure]]:
    if len(partitions) == 1:
        return {partitions[0]: departures}
    keyless = partitions[turn % len(partitions)]
    found: dict[int, list[Departure]] = {}
    for departure in departures:
        key = departure.key
        partition = keyless if key is None else partitions[_hash(key) % len(partitions)]
        found.setdefault(partition, []).append(departure)
    return dict(found)


@lru_cache(maxsize=4096)
def _hash(key: bytes) -> int:
    """As the Java client: murmur2 without its sign."""
    return int(murmur2(key)) & 0x7FFFFFFF


def _batches(
    producer: AIOKafkaProducer, departures: Sequence[Departure]
) -> Iterator[tuple[Sequence[Departure], BatchBuilder, int]]:
    """Records, the batch they fill, and their bytes in it."""
    begin, size = 0, 0
    builder = producer.create_batch()
    for index, (key, value, headers) in enumerate(departures):
        added = builder.append(timestamp=None, key=key, value=value, headers=headers)
        if added is None:
            yield departures[begin:index], builder, size
            begin, size, builder = index, 0, producer.create_batch()
            added = builder.append(timestamp=None, key=key, value=value, headers=headers)
        size += added.size
    if begin < len(departures):
        yield departures[begin:], builder, size
