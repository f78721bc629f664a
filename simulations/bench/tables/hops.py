"""What each hop of the way costs a record: the agent's own functions, one after the other, on one micro-batch."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from statistics import median
from typing import TypeVar

from aiokafka.structs import TopicPartition

from agent.inference import parcels
from agent.inference.arrivals import read
from agent.inference.batch import Departures
from agent.inference.departures import depart
from agent.inference.exits import decide
from agent.inference.worker import infer_shares
from shared.documents import Cluster
from shared.kafka import consumer, producer
from simulations.bench import outcomes
from simulations.bench.bench import Bench
from simulations.bench.outcomes import FakeRecord
from simulations.bench.report import Table
from simulations.bench.workloads import Route, make_route

T = TypeVar("T")
BATCHES = (1, 16, 256)
# A median over so many; the first ones warm caches and connections.
TIMES, WARM_UP = 60, 10


class Stopwatch:
    """Seconds of each step, time after time."""

    def __init__(self) -> None:
        self.steps: dict[str, list[float]] = defaultdict(list)

    def time(self, step: str, action: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = action()
        self.steps[step].append(time.perf_counter() - began)
        return result

    async def wait(self, step: str, action: Awaitable[T]) -> T:
        began = time.perf_counter()
        result = await action
        self.steps[step].append(time.perf_counter() - began)
        return result


class Hops:
    name = "hops"
    title = "The cost of each hop: µs a record, one after the other, by batch size"

    def run(self, bench: Bench) -> Table:
        bench.say("hops")
        found = asyncio.run(_measure(bench.cluster))
        steps = list(found[BATCHES[0]])
        rows = [(step, *(_shown(found[batch][step], batch) for batch in BATCHES)) for step in steps]
        return Table(name=self.name, title=self.title, columns=("hop", *map(str, BATCHES)), rows=tuple(rows))


def _shown(seconds: list[float], batch: int) -> str:
    return f"{1e6 * median(seconds[WARM_UP:]) / batch:.1f}"


async def _measure(cluster: Cluster) -> dict[int, dict[str, list[float]]]:
    route = await make_route(cluster, "hops")
    found = {}
    for batch in BATCHES:
        watch = Stopwatch()
        await _go(cluster, route, watch, outcomes.records(batch))
        found[batch] = watch.steps
    return found


async def _go(cluster: Cluster, route: Route, watch: Stopwatch, taken: list[FakeRecord]) -> None:
    serving = outcomes.sub_model()
    sink, member = producer(cluster), consumer(cluster, group="hops")
    member.assign([TopicPartition(route.input, 0)])
    await sink.start()
    await member.start()
    try:
        for number in range(TIMES + WARM_UP):
            arrivals = watch.time(
                "decode",
                lambda: read(taken, cluster_id="bench", sub_models={serving.id: serving}, serving=serving.id),
            )
            result = watch.time("infer", lambda: infer_shares(arrivals.shares))
            exit, task = result.shares[0].outputs.exit, serving.version.task
            assert exit is not None
            watch.time("decide", lambda: decide(exit, outcomes.RULES.policy, is_last=False, task=task))
            made = watch.time(
                "decide and encode", lambda: depart(taken, arrivals, result, outcomes.RULES, outcomes.MOMENT)
            )
            await watch.wait("send and await", _send(sink, route, made))
            await watch.wait("commit", member.commit({TopicPartition(route.input, 0): number}))
    finally:
        await member.stop()
        await sink.stop()
        serving.retire()


async def _send(sink: object, route: Route, made: Departures) -> None:
    sent = []
    for topic, some in ((route.answers, made.answers), (route.upper, made.forwards)):
        sent += await parcels.send(sink, topic, some, turn=0)
    for parcel in sent:
        await parcel.delivered
