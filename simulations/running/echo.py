"""A pipeline whose latency is known, to hold the harness against: each record is answered a fixed delay after it was
made, as its header says, and at the end of the stall when that moment lies in one.

    python -m simulations.running.echo SETTINGS.json

Its topics must be there. Prints `{"reads": ...}` once it hears records, and ends by SIGTERM.
"""

import asyncio
import signal
import sys
import time
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.documents import Cluster, Message, decode
from shared.kafka import consumer, producer
from shared.record.headers import ID, TIME
from shared.record.prediction import Prediction
from shared.record.trail import TrailEntry
from simulations.links.promptness import be_prompt
from simulations.running.pacer import Pacer

NODE, TIER = "echo-1", "echo"
READS = "reads"


class Stall(Message, frozen=True, kw_only=True):
    """`begin_s` counts from when the first record was made."""

    begin_s: float
    length_s: float


class EchoSettings(Message, frozen=True, kw_only=True):
    cluster: Cluster
    topic: str
    answers_topic: str
    delay_s: float
    stall: Stall | None = None


class Schedule:
    """When a record is answered, in seconds of the clock that `made_s` is read from. Pure, but for the first record."""

    def __init__(self, settings: EchoSettings) -> None:
        self._delay_s = settings.delay_s
        self._stall = settings.stall
        self._first_s: float | None = None

    def answer_s(self, made_s: float) -> float:
        if self._first_s is None:
            self._first_s = made_s
        due_s = made_s + self._delay_s
        if self._stall is None:
            return due_s
        begin_s = self._first_s + self._stall.begin_s
        end_s = begin_s + self._stall.length_s
        return end_s if begin_s <= due_s < end_s else due_s


async def run(settings: EchoSettings) -> None:
    reader, sender = consumer(settings.cluster, group=None), producer(settings.cluster)
    reader.subscribe([settings.topic])
    await asyncio.gather(reader.start(), sender.start())
    sys.stdout.write(msgspec.json.encode({READS: settings.topic}).decode() + "\n")
    sys.stdout.flush()
    try:
        with Pacer() as pacer:
            async with asyncio.TaskGroup() as answering:
                await _answer(reader, sender, settings, pacer, answering)
    finally:
        await asyncio.gather(reader.stop(), sender.stop())


async def _answer(
    reader: AIOKafkaConsumer,
    sender: AIOKafkaProducer,
    settings: EchoSettings,
    pacer: Pacer,
    answering: asyncio.TaskGroup,
) -> None:
    schedule = Schedule(settings)
    # The headers' times are of the wall clock; the answers' moments of the monotonic one.
    ahead_s = time.time() - time.monotonic()

    async def answer(id: bytes, received_s: float, at_s: float) -> None:
        await pacer.until(at_s)
        await sender.send(settings.answers_topic, _prediction(id, received_s, time.monotonic()), headers=[(ID, id)])

    async for record in reader:
        received_s = time.monotonic()
        headers = dict(record.headers)
        made_s = int.from_bytes(headers[TIME], "big", signed=True) / 1e6 - ahead_s
        answering.create_task(answer(headers[ID], received_s, schedule.answer_s(made_s)))


def _prediction(id: bytes, received_s: float, sent_s: float) -> bytes:
    received_us, sent_us = round(received_s * 1e6), round(sent_s * 1e6)
    passed = TrailEntry(
        node=NODE,
        boot_id="00",
        version=1,
        received_us=received_us,
        inferred_us=sent_us,
        sent_us=sent_us,
        confidence=1.0,
    )
    return msgspec.json.encode(
        Prediction(
            id=id.hex(),
            deployment="echo",
            values=[1.0],
            class_=0,
            label=None,
            confidence=1.0,
            tier=TIER,
            node=NODE,
            model="echo",
            version=1,
            degraded=False,
            latency_ms=(sent_us - received_us) / 1e3,
            trail=(passed,),
        )
    )


async def _until_ended(settings: EchoSettings) -> None:
    running = asyncio.ensure_future(run(settings))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()


def main(file: Path) -> None:
    be_prompt()
    asyncio.run(_until_ended(decode(file.read_bytes(), EchoSettings)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
