"""How soon an agent answers after its process was started: everything from the interpreter to the first prediction.

A record waits in the topic. The group is new, or the agent has left it cleanly a moment ago.
"""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from shared.documents import Cluster, InferenceWorkload
from shared.kafka import consumer
from simulations.bench.bench import Bench
from simulations.bench.experiment import Samples
from simulations.bench.kafka import follow, preload
from simulations.bench.node import Node
from simulations.bench.report import Better, Figure
from simulations.bench.workloads import Route, make_route, renamed, workload

ANSWER_DEADLINE_S = 30.0


def _figure(name: str, title: str) -> Figure:
    return Figure(name=name, title=title, must=1.0, aim=0.5, better=Better.LOWER, unit="s")


class Start:
    name = "start"
    figures: Sequence[Figure] = (
        _figure("start-new-group", "agent process start to first prediction, new group"),
        _figure("start-after-leave", "agent process start to first prediction, after a clean leave"),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        route = asyncio.run(make_route(bench.cluster, "start"))
        node = Node(bench, "start")
        asyncio.run(preload(bench.cluster, route.input, 1))
        document = workload(bench.cluster, route, group="start.first")
        _first_prediction_s(bench, node, route, document, records=1)
        for number in range(bench.rounds):
            bench.say(f"start, round {number + 1}")
            document = renamed(document, bench.unique("start"))
            samples.add("start-new-group", _first_prediction_s(bench, node, route, document, records=number + 1))
            asyncio.run(preload(bench.cluster, route.input, 1))
            samples.add("start-after-leave", _first_prediction_s(bench, node, route, document, records=number + 2))
        return samples


def _first_prediction_s(bench: Bench, node: Node, route: Route, document: InferenceWorkload, *, records: int) -> float:
    """`records` are in the topic, and committed before the agent is stopped again."""
    with asyncio.Runner() as runner:
        answers = runner.run(_reader(bench.cluster, route))
        try:
            began = time.monotonic()
            with node.running(document) as running:
                found = runner.run(answers.getmany(timeout_ms=round(ANSWER_DEADLINE_S * 1000)))
                seconds = time.monotonic() - began
                if not found:
                    raise running.failure(f"predicted nothing within {ANSWER_DEADLINE_S:g} s")
                runner.run(follow(bench.cluster, document.group, records, fails=running.failure))
        finally:
            runner.run(answers.stop())
    return seconds


async def _reader(cluster: Cluster, route: Route) -> AIOKafkaConsumer:
    """At the end of both topics that a result may appear on."""
    reader = consumer(cluster, group=None)
    await reader.start()
    partitions = [TopicPartition(topic, 0) for topic in (route.answers, route.upper)]
    reader.assign(partitions)
    await reader.seek_to_end(*partitions)
    return reader
