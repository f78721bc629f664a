"""What the clients' process does. Each client has a producer of its own; one reader a cluster hears for all of them."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.documents import Cluster, decode
from shared.kafka import producer, stop_within, translated
from simulations.demo.feed import Sample
from simulations.measurement.clock import now_us
from simulations.running.clients import Began, ClientsSettings, Result
from simulations.running.hearing import hear, listen, reader
from simulations.running.pacer import Pacer
from simulations.running.sending import connect, send
from simulations.running.sheet import Entry, Sheet, standing

# From all known to the first record that may be due, so that all clients wait for the same moment, and whoever started
# them knows it before.
HEAD_START_S = 0.1
# At the end nothing is under way that is still waited for.
STOP_PATIENCE_S = 1.0


def carry_out(file: Path) -> None:
    settings = decode(file.read_bytes(), ClientsSettings)
    sheet = asyncio.run(run(settings))
    Path(settings.results).write_bytes(msgspec.json.encode(results(sheet, now_us())))
    say({"records": len(sheet), "open": sheet.open})


async def run(settings: ClientsSettings) -> Sheet:
    sample, sheet = Sample.load(Path(settings.sample)), Sheet()
    # 1. Read every topic that may say something, and be connected to the one that is sent to.
    async with _connected(settings) as (readers, senders):
        # 2. Know what is expected before any of it is sent.
        plans = [_plan(settings, client, sample, sheet) for client in range(len(senders))]
        began_us = _begin(sheet)
        say(Began(began_us))
        # 3. Send what is due, whatever was answered. 4. Hear until all is answered, or for as long as patience lasts.
        with Pacer() as pacer:
            async with asyncio.TaskGroup() as tasks:
                all_answered = asyncio.Event()
                under_way = [tasks.create_task(hear(reader, sheet, all_answered)) for reader in readers]
                for sender, plan in zip(senders, plans, strict=True):
                    under_way.append(tasks.create_task(send(sender, settings.topic, plan, sample, pacer)))
                await _until_answered(sheet, all_answered, settings.patience_s)
                for task in under_way:
                    task.cancel()
    return sheet


@asynccontextmanager
async def _connected(settings: ClientsSettings) -> AsyncIterator[tuple[list[AIOKafkaConsumer], list[AIOKafkaProducer]]]:
    readers = [reader(answers.cluster) for answers in settings.answers]
    senders = [producer(settings.cluster) for _ in settings.due_s]
    try:
        await _side_by_side(
            *(
                _named(answers.cluster, listen(one, answers.answers_topic, answers.dead_letter_topic))
                for one, answers in zip(readers, settings.answers, strict=True)
            ),
            *(_named(settings.cluster, connect(one, settings.topic)) for one in senders),
        )
        yield readers, senders
    finally:
        await _side_by_side(*(stop_within(one, STOP_PATIENCE_S) for one in (*readers, *senders)))


async def _named(cluster: Cluster, starting: Coroutine[Any, Any, None]) -> None:
    with translated(cluster.name):
        await starting


async def _side_by_side(*all_: Coroutine[Any, Any, None]) -> None:
    try:
        async with asyncio.TaskGroup() as tasks:
            for one in all_:
                tasks.create_task(one)
    except ExceptionGroup as several:
        # All want the same few brokers: what one of them met says enough.
        raise several.exceptions[0] from several


def _plan(settings: ClientsSettings, client: int, sample: Sample, sheet: Sheet) -> list[Entry]:
    """Due after the load's begin, which is not known yet."""
    due_s = settings.due_s[client]
    offset = sum(len(some) for some in settings.due_s[:client])
    plan = []
    for number, (due, image) in enumerate(zip(due_s, settings.images[client], strict=True)):
        serial = offset + number
        entry = Entry(
            client=client,
            number=number,
            id=settings.seed.to_bytes(8, "big") + serial.to_bytes(8, "big"),
            due_us=round(due * 1e6),
            warm_up=due < settings.warm_up_s,
            image=image,
            label=int(sample.labels[image]),
        )
        sheet.expect(entry)
        plan.append(entry)
    return plan


def _begin(sheet: Sheet) -> int:
    """The last thing before the load, since it takes the longer the more is planned."""
    gc.collect()
    gc.freeze()
    began_us = now_us() + round(HEAD_START_S * 1e6)
    for entry in sheet:
        entry.due_us += began_us
    return began_us


async def _until_answered(sheet: Sheet, all_answered: asyncio.Event, patience_s: float) -> None:
    """`patience_s` counts from when the last record was due."""
    last_due_us = max((entry.due_us for entry in sheet), default=now_us())
    with suppress(TimeoutError):
        async with asyncio.timeout((last_due_us - now_us()) / 1e6 + patience_s):
            await all_answered.wait()


def results(sheet: Sheet, ended_us: int) -> list[Result]:
    return [_result(one, ended_us) for one in sheet]


def _result(one: Entry, ended_us: int) -> Result:
    answers = one.answers()
    stands = standing(answers)
    return Result(
        client=one.client,
        number=one.number,
        id=one.id.hex(),
        due_us=one.due_us,
        sent_us=ended_us if one.sent_us is None else one.sent_us,
        acked_us=one.acked_us,
        answered_us=None if stands is None else stands.at_us,
        warm_up=one.warm_up,
        label=one.label,
        answers=len(answers),
        dead_letter=one.dead_letter,
        prediction=None if stands is None else stands.prediction,
    )


def say(document: object) -> None:
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()
