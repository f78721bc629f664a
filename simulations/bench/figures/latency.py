"""How late an answer is when there is little to do: the agent's round trip beside that of an echo.

One record is on its way at a time, by turns through the echo and through the agent, so both see the same machine.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from shared.documents import Cluster
from shared.kafka import consumer, producer
from simulations.bench.bare.echo import EchoSettings
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import Samples
from simulations.bench.kafka import make_topics
from simulations.bench.node import Node
from simulations.bench.programs import bare, litert_speed
from simulations.bench.report import Better, Figure
from simulations.bench.sample import images
from simulations.bench.statistics import percentile
from simulations.bench.workloads import make_route, workload

RECORDS = 500
# Between two records, so that nothing is ever busy with the last one.
PAUSE_S = 0.003
WARM_UP = 50
ANSWER_DEADLINE_S = 30.0
INFERENCE_S = 0.3
MS = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """Where a record goes in, and where it may come out."""

    input: str
    outputs: tuple[str, ...]


class Latency:
    name = "latency"
    figures: Sequence[Figure] = (
        Figure(
            name="latency-p50",
            title="p50 at light load / (echo p50 + one inference)",
            must=1.25,
            aim=1.1,
            better=Better.LOWER,
        ),
        Figure(name="latency-p99", title="p99 at light load / echo p99", must=1.5, aim=1.2, better=Better.LOWER),
    )

    def run(self, bench: Bench) -> Samples:
        route = asyncio.run(make_route(bench.cluster, "latency"))
        echo = Trip(input="latency.echo.in", outputs=("latency.echo.out",))
        asyncio.run(make_topics(bench.cluster, dict.fromkeys((echo.input, *echo.outputs), 1)))
        settings = EchoSettings(cluster=bench.cluster, input=echo.input, output=echo.outputs[0], group="latency.echo")
        agent = Trip(input=route.input, outputs=(route.answers, route.upper))
        document = workload(bench.cluster, route, group="latency.agent")
        node = Node(bench, "latency")
        with bare(bench, "echo", settings), node.running(document):
            return asyncio.run(_measure(bench, echo, agent))


async def _measure(bench: Bench, echo: Trip, agent: Trip) -> Samples:
    samples = Samples()
    async with _sensor(bench.cluster, (echo, agent)) as sensor:
        await sensor.by_turns(echo, agent, records=WARM_UP)
        for number in range(bench.rounds):
            bench.say(f"latency, round {number + 1}")
            echoed, answered = await sensor.by_turns(echo, agent, records=RECORDS)
            one = await asyncio.to_thread(litert_speed, batch=1, seconds=INFERENCE_S)
            _add(samples, echoed, answered, one.call_s)
    return samples


def _add(samples: Samples, echoed: Sequence[float], answered: Sequence[float], one_s: float) -> None:
    """Round trips in seconds."""
    floor_s, p50_s = percentile(echoed, 0.5), percentile(answered, 0.5)
    samples.add(
        "latency-p50",
        p50_s / (floor_s + one_s),
        agent_p50=(p50_s * MS, "ms"),
        echo_p50=(floor_s * MS, "ms"),
        one_inference=(one_s * MS, "ms"),
    )
    floor_s, p99_s = percentile(echoed, 0.99), percentile(answered, 0.99)
    samples.add("latency-p99", p99_s / floor_s, agent_p99=(p99_s * MS, "ms"), echo_p99=(floor_s * MS, "ms"))


@dataclass(frozen=True, slots=True)
class Sensor:
    """Sends one record and waits for what comes of it."""

    sender: AIOKafkaProducer
    reader: AIOKafkaConsumer
    values: Sequence[bytes]

    async def by_turns(self, *trips: Trip, records: int) -> list[list[float]]:
        """The round trips of each, in seconds."""
        found: list[list[float]] = [[] for _ in trips]
        for number in range(records):
            for trip, times in zip(trips, found, strict=True):
                times.append(await self._round_trip(trip, self.values[number % len(self.values)]))
                await asyncio.sleep(PAUSE_S)
        return found

    async def _round_trip(self, trip: Trip, value: bytes) -> float:
        began = time.perf_counter()
        await self.sender.send(trip.input, value)
        records = await self.reader.getmany(timeout_ms=round(ANSWER_DEADLINE_S * 1000))
        seconds = time.perf_counter() - began
        if {one.topic for one in records} - set(trip.outputs) or not records:
            raise BenchError(f"a record sent to {trip.input} did not come back within {ANSWER_DEADLINE_S:g} s")
        return seconds


@asynccontextmanager
async def _sensor(cluster: Cluster, trips: Sequence[Trip]) -> AsyncIterator[Sensor]:
    sender, reader = producer(cluster), consumer(cluster, group=None)
    reader.assign([TopicPartition(topic, 0) for trip in trips for topic in trip.outputs])
    await sender.start()
    await reader.start()
    try:
        yield Sensor(sender, reader, [image.tobytes() for image in images()])
    finally:
        await sender.stop()
        await reader.stop()
