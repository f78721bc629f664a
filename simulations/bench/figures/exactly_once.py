"""What Kafka's transactions cost: the same three partitions drained exactly once and at least once, by turns."""

import asyncio
from collections.abc import Sequence

from shared.documents import Delivery
from simulations.bench.bench import Bench
from simulations.bench.drain import drained
from simulations.bench.experiment import RECORDS_PER_S, Samples
from simulations.bench.kafka import preload
from simulations.bench.node import Node
from simulations.bench.report import Better, Figure
from simulations.bench.workloads import make_route, workload

PARTITIONS = 3
RECORDS = 9_000


class ExactlyOnce:
    name = "exactly-once"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title="records/s with exactly_once / at least once, 3 partitions",
            must=0.6,
            aim=0.85,
            better=Better.HIGHER,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        route = asyncio.run(make_route(bench.cluster, "exactly.once", partitions=PARTITIONS))
        asyncio.run(preload(bench.cluster, route.input, RECORDS, partitions=PARTITIONS))
        node = Node(bench, "exactly-once")

        def drain(delivery: Delivery) -> float:
            document = workload(bench.cluster, route, group=bench.unique("delivery"), delivery=delivery)
            return drained(bench, node, document, records=RECORDS)

        for number in range(bench.rounds):
            bench.say(f"exactly once, round {number + 1}")
            least, exactly = drain(Delivery.AT_LEAST_ONCE), drain(Delivery.EXACTLY_ONCE)
            samples.add(
                self.name,
                exactly / least,
                exactly_once=(exactly, RECORDS_PER_S),
                at_least_once=(least, RECORDS_PER_S),
            )
        return samples
