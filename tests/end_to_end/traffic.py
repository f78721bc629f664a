"""Records sent to a deployment, and every answer to them: what the end-to-end tests judge by."""

import asyncio
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import RecordMetadata

from shared import topics
from shared.documents import Cluster, Deployment
from shared.kafka import admin, cluster_id, consumer, producer
from shared.record.headers import ID
from shared.record.identity import derive_id
from shared.record.prediction import Prediction, decode_prediction


@dataclass(slots=True)
class Outcome:
    """By record id: every answer, and every reason it was given up for."""

    answers: dict[bytes, list[Prediction]] = field(default_factory=lambda: defaultdict(list))
    dead_letters: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))

    def doubled(self) -> list[bytes]:
        return [record_id for record_id, answers in self.answers.items() if len(answers) > 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What goes into one deployment and comes out of it."""

    deployment: Deployment
    cluster: Cluster

    @property
    def input_topic(self) -> str:
        return topics.input_topic(self.deployment, self.deployment.tiers[0])

    async def send(self, values: Iterable[bytes], *, rate: float | None = None) -> list[bytes]:
        """The ids, once every record is acknowledged. `rate` in records a second; None is as fast as it goes."""
        client = producer(self.cluster)
        await client.start()
        ids, deliveries = [], []
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            for number, value in enumerate(values):
                if rate is not None:
                    await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
                ids.append(uuid.uuid4().bytes)
                deliveries.append(await queued(client, self.input_topic, value, headers=[(ID, ids[-1])]))
            await asyncio.gather(*deliveries)
        finally:
            await client.stop()
        return ids

    async def send_without_ids(self, values: Iterable[bytes], *, rate: float | None = None) -> list[bytes]:
        """As a sensor that knows nothing of us; the ids that must follow from where and when Kafka has the records."""
        async with admin(self.cluster) as asked:
            identity = await cluster_id(asked)
        loop = asyncio.get_running_loop()
        started, now_ms, deliveries = loop.time(), time.time_ns() // 1_000_000, []
        async with producer(self.cluster) as client:
            for number, value in enumerate(values):
                if rate is not None:
                    await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
                # Given, because what aiokafka gives back is the timestamp of the first record in a batch.
                sending = await queued(client, self.input_topic, value, timestamp_ms=now_ms + number)
                deliveries.append(sending)
            sent = await asyncio.gather(*deliveries)
        places = ((one.topic, one.partition, one.offset, now_ms + number) for number, one in enumerate(sent))
        return [derive_id(identity, *place) for place in places]

    async def send_bytes_only(self, values: Sequence[bytes]) -> None:
        """As a sensor that knows nothing of us: no key, no header."""
        client = producer(self.cluster)
        await client.start()
        try:
            for value in values:
                await client.send_and_wait(self.input_topic, value)
        finally:
            await client.stop()

    async def outcome(
        self,
        ids: Sequence[bytes],
        *,
        deadline_s: float = 60.0,
        read_committed: bool = False,
        settle_s: float = 0.0,
        times: int = 1,
    ) -> Outcome:
        """Everything from the topics' beginning until each of `ids` is answered or given up, `times` times; fails if
        not in time.

        `settle_s`: read on until nothing has come for so long, to see what comes twice.
        """
        wanted, outcome = Counter(dict.fromkeys(ids, times)), Outcome()
        answers, dead_letters = topics.answers_topic(self.deployment), topics.dead_letter_topic(self.deployment)
        client = consumer(self.cluster, group=None, read_committed=read_committed)
        client.subscribe([answers, dead_letters])
        await client.start()
        clock = asyncio.get_running_loop().time
        started = last = clock()
        try:
            while (wanted and clock() < started + deadline_s) or (not wanted and clock() < last + settle_s):
                found = await client.getmany(timeout_ms=50)
                last = clock() if found else last
                for partition, records in found.items():
                    for record in records:
                        wanted[_take(outcome, record.value, dict(record.headers), partition.topic == answers)] -= 1
                wanted = +wanted
        finally:
            await client.stop()
        assert not wanted, f"{len(wanted)} of {len(ids)} records were neither answered nor given up in {deadline_s:g} s"
        return outcome


async def queued(
    client: AIOKafkaProducer, topic: str, value: bytes, **fields: object
) -> "asyncio.Future[RecordMetadata]":
    """The delivery of a record, in the producer's queue once: a broker away for long makes it refuse, not take."""
    while True:
        try:
            delivery: asyncio.Future[RecordMetadata] = await client.send(topic, value, **fields)
        except KafkaTimeoutError:
            continue
        return delivery


def _take(outcome: Outcome, value: bytes, headers: dict[str, bytes], is_answer: bool) -> bytes:
    if is_answer:
        prediction = decode_prediction(value)
        record_id = bytes.fromhex(prediction.id)
        outcome.answers[record_id].append(prediction)
    else:
        record_id = headers.get(ID, b"")
        outcome.dead_letters[record_id].append(headers.get("fogline-error", b"").decode())
    return record_id
