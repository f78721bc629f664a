"""The clients of one run, in a process of their own: an open loop, so an answer that is late holds nothing back.

    python -m simulations.running.clients SETTINGS.json

Each client has a producer of its own; the answers of all are read by one consumer a cluster. Prints `{"began_us": ...}`
when the load begins, and ends when everything is answered or the patience is over. Then the file `results` is there.
"""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.structs import TopicPartition

from agent.inference.dead_letters import ERROR
from shared.documents import Cluster, Message, decode
from shared.errors import RecordError
from shared.kafka import ConsumerBounds, consumer, producer
from shared.record.headers import ID, TIME, TIME_BYTES
from shared.record.prediction import Prediction, decode_prediction
from simulations.demo.feed import Sample
from simulations.measurement.clock import now_us
from simulations.running.sheet import Entry, Sheet

# From connected to the first record that may be due, so that all clients wait for the same moment.
HEAD_START_S = 0.2
LOOK_EVERY_MS = 100
# Kafka's own default for consumers.
FETCH_MAX_WAIT_MS = 500


class Answers(Message, frozen=True, kw_only=True):
    """Where one tier's answers and dead letters are read."""

    cluster: Cluster
    answers_topic: str
    dead_letter_topic: str


class ClientsSettings(Message, frozen=True, kw_only=True):
    """`due_s`: when each record of each client is due, in seconds after the load's begin; `images`: which of the sample
    it holds. `results`: where to write."""

    cluster: Cluster
    topic: str
    answers: tuple[Answers, ...]
    sample: str
    due_s: tuple[tuple[float, ...], ...]
    images: tuple[tuple[int, ...], ...]
    warm_up_s: float
    patience_s: float
    seed: int
    results: str


class Began(msgspec.Struct, frozen=True):
    """Printed when the load begins."""

    began_us: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One record as the clients saw it; times in microseconds of the monotonic clock.

    `sent_us` of a record that its stalled client never sent is when the clients gave up.
    """

    client: int
    number: int
    id: str
    due_us: int
    sent_us: int
    acked_us: int | None
    answered_us: int | None
    warm_up: bool
    label: int | None
    answers: int
    dead_letter: str | None
    prediction: Prediction | None


async def run(settings: ClientsSettings) -> Sheet:
    sample, sheet = Sample.load(Path(settings.sample)), Sheet()
    async with AsyncExitStack() as open_:
        # 1. Read every topic that may say something, and be connected to the one that is sent to.
        readers = [await _reader(open_, answers) for answers in settings.answers]
        senders = [await _sender(open_, settings.cluster, settings.topic) for _ in settings.due_s]
        # 2. Know what is expected before any of it is sent.
        began_us = now_us() + round(HEAD_START_S * 1e6)
        plans = [_plan(settings, client, began_us, sample, sheet) for client in range(len(senders))]
        say(Began(began_us))
        # 3. Send what is due, whatever was answered. 4. Hear until all is answered, or for as long as patience lasts.
        async with asyncio.TaskGroup() as tasks:
            all_answered = asyncio.Event()
            hearing = [tasks.create_task(_hear(reader, sheet, all_answered)) for reader in readers]
            sending = [
                tasks.create_task(_send(sender, settings.topic, plan, sample))
                for sender, plan in zip(senders, plans, strict=True)
            ]
            await _until_answered(sheet, all_answered, settings.patience_s)
            for task in (*hearing, *sending):
                task.cancel()
    return sheet


def _plan(settings: ClientsSettings, client: int, began_us: int, sample: Sample, sheet: Sheet) -> list[Entry]:
    due_s = settings.due_s[client]
    offset = sum(len(some) for some in settings.due_s[:client])
    plan = []
    for number, (due, image) in enumerate(zip(due_s, settings.images[client], strict=True)):
        serial = offset + number
        entry = Entry(
            client=client,
            number=number,
            id=settings.seed.to_bytes(8, "big") + serial.to_bytes(8, "big"),
            due_us=began_us + round(due * 1e6),
            warm_up=due < settings.warm_up_s,
            image=image,
            label=int(sample.labels[image]),
        )
        sheet.expect(entry)
        plan.append(entry)
    return plan


async def _send(sender: AIOKafkaProducer, topic: str, plan: Sequence[Entry], sample: Sample) -> None:
    for entry in plan:
        await asyncio.sleep(max(0.0, (entry.due_us - now_us()) / 1e6))
        created = (time.time_ns() // 1000).to_bytes(TIME_BYTES, "big", signed=True)
        entry.sent_us = now_us()
        future = await sender.send(
            topic, sample.images[entry.image].tobytes(), headers=[(ID, entry.id), (TIME, created)]
        )
        future.add_done_callback(partial(_acked, entry))


def _acked(entry: Entry, future: "asyncio.Future[object]") -> None:
    if not future.cancelled() and future.exception() is None:
        entry.acked_us = now_us()


async def _hear(reader: AIOKafkaConsumer, sheet: Sheet, all_answered: asyncio.Event) -> None:
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
    if reason := headers.get(ERROR):
        sheet.dead_lettered(headers.get(ID) or b"", reason.decode(errors="replace"))
        return
    try:
        sheet.answered(decode_prediction(record.value), at_us)
    except RecordError:
        return  # somebody else's record on this topic


async def _until_answered(sheet: Sheet, all_answered: asyncio.Event, patience_s: float) -> None:
    """`patience_s` counts from when the last record was due."""
    last_due_us = max((entry.due_us for entry in sheet), default=now_us())
    with suppress(TimeoutError):
        async with asyncio.timeout((last_due_us - now_us()) / 1e6 + patience_s):
            await all_answered.wait()


async def _reader(open_: AsyncExitStack, answers: Answers) -> AIOKafkaConsumer:
    """From the first record on: the topics are this run's alone."""
    bounds = ConsumerBounds(fetch_max_wait_ms=FETCH_MAX_WAIT_MS)
    # What was promised exactly once is there when it is committed, not before.
    reader = consumer(answers.cluster, group=None, read_committed=True, bounds=bounds)
    reader.subscribe([answers.answers_topic, answers.dead_letter_topic])
    await reader.start()
    open_.push_async_callback(reader.stop)
    return reader


async def _sender(open_: AsyncExitStack, cluster: Cluster, topic: str) -> AIOKafkaProducer:
    sender = producer(cluster)
    await sender.start()
    open_.push_async_callback(sender.stop)
    await sender.partitions_for(topic)
    return sender


def results(sheet: Sheet, ended_us: int) -> list[Result]:
    return [
        Result(
            client=one.client,
            number=one.number,
            id=one.id.hex(),
            due_us=one.due_us,
            sent_us=ended_us if one.sent_us is None else one.sent_us,
            acked_us=one.acked_us,
            answered_us=one.answered_us,
            warm_up=one.warm_up,
            label=one.label,
            answers=one.answers,
            dead_letter=one.dead_letter,
            prediction=one.prediction,
        )
        for one in sheet
    ]


def say(document: object) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


def main(file: Path) -> None:
    settings = decode(file.read_bytes(), ClientsSettings)
    sheet = asyncio.run(run(settings))
    Path(settings.results).write_bytes(msgspec.json.encode(results(sheet, now_us())))
    say({"records": len(sheet), "open": sheet.open})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
