"""One client: a producer of its own, and records that are sent when they are due."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from aiokafka import AIOKafkaProducer
from aiokafka.structs import TopicPartition

from shared.record.headers import ID, TIME, TIME_BYTES
from simulations.demo.feed import Sample
from simulations.measurement.clock import now_us
from simulations.running.pacer import Pacer
from simulations.running.sheet import Entry


async def connect(sender: AIOKafkaProducer, topic: str) -> None:
    """Started, with a connection to each leader of the topic: a device that runs for long has them too."""
    await sender.start()
    brokers = sender.client.cluster
    partitions = await sender.partitions_for(topic)
    leaders = {brokers.leader_for_partition(TopicPartition(topic, partition)) for partition in partitions}
    await asyncio.gather(*(sender.client.ready(leader) for leader in leaders))


async def send(sender: AIOKafkaProducer, topic: str, plan: Sequence[Entry], sample: Sample, pacer: Pacer) -> None:
    for entry in plan:
        await pacer.until(entry.due_us / 1e6)
        created = (time.time_ns() // 1000).to_bytes(TIME_BYTES, "big", signed=True)
        entry.sent_us = now_us()
        future = await sender.send(
            topic, sample.images[entry.image].tobytes(), headers=[(ID, entry.id), (TIME, created)]
        )
        future.add_done_callback(partial(_acked, entry))


def _acked(entry: Entry, future: "asyncio.Future[object]") -> None:
    if not future.cancelled() and future.exception() is None:
        entry.acked_us = now_us()
