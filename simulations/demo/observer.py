"""Reads what the tiers said: answers, what was forwarded and at which size, and what was given up."""

from collections.abc import Callable, Mapping

from aiokafka import ConsumerRecord

from shared.documents import Cluster
from shared.errors import RecordError
from shared.kafka import consumer, translated
from shared.record.headers import ID
from shared.record.prediction import decode_prediction
from shared.record.size import record_size
from simulations.demo.scoreboard import Scoreboard

LOOK_EVERY_MS = 100
# What a record batch of format v2 adds to its records: https://kafka.apache.org/documentation/#recordbatch
BATCH_BYTES = 61


async def observe(
    scoreboard: Scoreboard,
    *,
    cluster: Cluster,
    answers_topic: str,
    dead_letter_topic: str,
    forwarded_by: Mapping[str, str],
    clock: Callable[[], float],
) -> None:
    """Until cancelled. `forwarded_by`: the tier that sends to each topic of an upper tier."""
    with translated(cluster.name):
        client = consumer(cluster, group=None)
        client.subscribe([answers_topic, dead_letter_topic, *forwarded_by])
        await client.start()
        try:
            while True:
                found = await client.getmany(timeout_ms=LOOK_EVERY_MS)
                for partition, records in found.items():
                    for record in records:
                        if partition.topic == answers_topic:
                            _answered(scoreboard, record.value, at_s=clock())
                        elif partition.topic == dead_letter_topic:
                            scoreboard.dead_lettered(_id(record))
                        else:
                            _forwarded(scoreboard, forwarded_by[partition.topic], record)
        finally:
            await client.stop()


def _answered(scoreboard: Scoreboard, value: bytes, *, at_s: float) -> None:
    try:
        prediction = decode_prediction(value)
    except RecordError:
        return  # somebody else's record on this topic
    scoreboard.answered(bytes.fromhex(prediction.id), tier=prediction.tier, predicted=prediction.class_, at_s=at_s)


def _forwarded(scoreboard: Scoreboard, tier: str, record: ConsumerRecord) -> None:
    """As if it had travelled in a batch of its own, which is the most it can have cost."""
    size = record_size(record.key, record.value, record.headers) + BATCH_BYTES
    scoreboard.forwarded(_id(record), tier=tier, size_bytes=size)


def _id(record: ConsumerRecord) -> bytes:
    found: bytes | None = dict(record.headers).get(ID)
    return found or b""
