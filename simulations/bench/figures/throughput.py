"""How much of what Kafka and inference leave is lost in between: the agent beside the serial limit of its parts.

One topic is drained again and again by new groups: by the bare pipe, then by the agent, the bare inference between
them. Above 1 the agent delivers one batch while it infers the next.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from simulations.bench.bare.pipe import PipeSettings
from simulations.bench.bench import Bench
from simulations.bench.drain import drained
from simulations.bench.experiment import RECORDS_PER_S, Samples
from simulations.bench.kafka import follow, preload
from simulations.bench.node import Node
from simulations.bench.programs import bare, litert_speed, printed
from simulations.bench.report import Better, Figure
from simulations.bench.statistics import rate, serial_limit
from simulations.bench.workloads import Route, make_route, workload

RECORDS = 8_000
BATCH = 256
INFERENCE_S = 1.0
# An image and what Kafka adds to it, as the agent reckons.
RECORD_BYTES = 3072 + 256


class Throughput:
    name = "throughput"
    figures: Sequence[Figure] = (
        Figure(
            name="throughput",
            title="records/s of one agent / serial limit of pipe and inference",
            must=0.95,
            aim=1.2,
            better=Better.HIGHER,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        route = asyncio.run(make_route(bench.cluster, "throughput"))
        asyncio.run(preload(bench.cluster, route.input, RECORDS))
        results = bench.layout.directory / "outcomes"
        printed("outcomes", str(results))
        node = Node(bench, "throughput")
        for number in range(bench.rounds):
            bench.say(f"throughput, round {number + 1}")
            pipe = _pipe(bench, route, results)
            bare_inference = litert_speed(batch=BATCH, seconds=INFERENCE_S).records_per_s
            document = workload(bench.cluster, route, group=bench.unique("agent"), max_records=BATCH)
            agent = drained(bench, node, document, records=RECORDS)
            samples.add(
                self.name,
                agent / serial_limit(pipe, bare_inference),
                agent=(agent, RECORDS_PER_S),
                pipe=(pipe, RECORDS_PER_S),
                inference=(bare_inference, RECORDS_PER_S),
            )
        return samples


def _pipe(bench: Bench, route: Route, results: Path) -> float:
    group = bench.unique("pipe")
    settings = PipeSettings(
        cluster=bench.cluster,
        route=route,
        group=group,
        records=RECORDS,
        max_records=BATCH,
        fetch_bytes=BATCH * RECORD_BYTES,
        outcomes=str(results),
    )
    with bare(bench, "pipe", settings) as running:
        return rate(asyncio.run(follow(bench.cluster, group, RECORDS, fails=running.failure)))
