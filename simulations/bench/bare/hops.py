"""Each hop of a record's way, done by the agent's own functions one after the other, and timed. Prints JSON.

python -m simulations.bench.bare.hops SETTINGS.json
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from typing import TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from agent.inference import parcels
from agent.inference.batch import Departures, InferenceResult
from agent.inference.exits import Decision, decide
from agent.inference.sub_model import SubModelInUse
from agent.inference.worker import infer_shares
from shared.documents import Cluster, Message, decode
from shared.kafka import consumer, producer
from simulations.bench.bare import steps
from simulations.bench.workloads import Route

T = TypeVar("T")
# A median over so many; the first ones warm caches and connections.
TIMES, WARM_UP = 60, 10


class HopsSettings(Message, frozen=True, kw_only=True):
    cluster: Cluster
    route: Route
    batches: tuple[int, ...]


class Stopwatch:
    """Seconds of each hop, time after time."""

    def __init__(self) -> None:
        self._steps: dict[str, list[float]] = defaultdict(list)

    def time(self, step: str, action: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = action()
        self._steps[step].append(time.perf_counter() - began)
        return result

    async def wait(self, step: str, action: Awaitable[T]) -> T:
        began = time.perf_counter()
        result = await action
        self._steps[step].append(time.perf_counter() - began)
        return result

    def medians(self) -> dict[str, float]:
        return {step: median(seconds[WARM_UP:]) for step, seconds in self._steps.items()}


async def run(settings: HopsSettings) -> dict[int, dict[str, float]]:
    """Median seconds of each hop, by batch size."""
    serving = steps.sub_model()
    sink, member = producer(settings.cluster), consumer(settings.cluster, group="hops")
    member.assign([TopicPartition(settings.route.input, 0)])
    await sink.start()
    await member.start()
    try:
        return {batch: await _medians(settings.route, serving, sink, member, batch) for batch in settings.batches}
    finally:
        await member.stop()
        await sink.stop()
        serving.retire()


async def _medians(
    route: Route, serving: SubModelInUse, sink: AIOKafkaProducer, member: AIOKafkaConsumer, batch: int
) -> dict[str, float]:
    watch, taken = Stopwatch(), steps.records(batch)
    for number in range(TIMES + WARM_UP):
        made = _compute(watch, serving, taken)
        await watch.wait("send and await", _send(sink, route, made))
        await watch.wait("commit", member.commit({TopicPartition(route.input, 0): number}))
    return watch.medians()


def _compute(watch: Stopwatch, serving: SubModelInUse, taken: Sequence[steps.FakeRecord]) -> Departures:
    arrivals = watch.time("decode", lambda: steps.arrived(serving, taken))
    result = watch.time("infer", lambda: infer_shares(arrivals.shares))
    watch.time("decide", lambda: _decide(serving, result))
    return watch.time("decide and encode", lambda: steps.departures(taken, arrivals, result))


def _decide(serving: SubModelInUse, result: InferenceResult) -> Decision:
    exit = result.shares[0].outputs.exit
    assert exit is not None
    return decide(exit, steps.RULES.policy, is_last=False, task=serving.version.task)


async def _send(sink: AIOKafkaProducer, route: Route, made: Departures) -> None:
    sent = []
    for topic, some in ((route.answers, made.answers), (route.upper, made.forwards)):
        sent += await parcels.send(sink, topic, some, turn=0)
    for parcel in sent:
        await parcel.delivered


if __name__ == "__main__":
    found = asyncio.run(run(decode(Path(sys.argv[1]).read_bytes(), HopsSettings)))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
