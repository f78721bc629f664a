"""Readers of what a deployment says of its records: one for each tier's cluster."""

import asyncio
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.structs import TopicPartition

from agent.inference.dead_letters import ERROR
from shared.documents import Cluster
from shared.kafka import ConsumerBounds, consumer
from shared.record.headers import ID
from simulations.measurement.clock import now_us
from simulations.running.sheet import Sheet

# Only how often it looks whether anything came; what comes ends the wait.
LOOK_EVERY_MS = 1000
# Kafka's own default for consumers.
FETCH_MAX_WAIT_MS = 500


def reader(cluster: Cluster) -> AIOKafkaConsumer:
    # What was promised exactly once is there when it is committed, not before.
    return consumer(
        cluster, group=None, read_committed=True, bounds=ConsumerBounds(fetch_max_wait_ms=FETCH_MAX_WAIT_MS)
    )


async def listen(reader: AIOKafkaConsumer, *topics: str) -> None:
    """Started and in place, from each topic's first record on: the topics are this run's alone."""
    reader.subscribe(list(topics))
    await reader.start()
    await asyncio.gather(*(reader.position(partition) for partition in reader.assignment()))


async def hear(reader: AIOKafkaConsumer, sheet: Sheet, all_answered: asyncio.Event) -> None:
    while True:
        found: Mapping[TopicPartition, list[ConsumerRecord]] = await reader.getmany(timeout_ms=LOOK_EVERY_MS)
        at_us = now_us()
        for records in found.values():
            for record in records:
                _heard(record, sheet, at_us)
        if not sheet.open:
            all_answered.set()


def _heard(record: ConsumerRecord, sheet: Sheet, at_us: int) -> None:
    headers = dict(record.headers)
    id = headers.get(ID) or b""
    if reason := headers.get(ERROR):
        sheet.dead_lettered(id, reason.decode(errors="replace"))
    else:
        sheet.answered(id, record.value or b"", at_us)
