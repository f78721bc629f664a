"""How the size of a micro-batch changes an agent's throughput, with one interpreter thread and with two."""

import asyncio
from collections import defaultdict
from statistics import median

from simulations.bench.bench import Bench
from simulations.bench.drain import drained
from simulations.bench.kafka import preload
from simulations.bench.node import Node
from simulations.bench.report import Table
from simulations.bench.workloads import make_route, workload

BATCHES = (1, 4, 16, 64, 256)
THREADS = (1, 2)
RECORDS = 4_000
ROUNDS = 3


class Batches:
    name = "batches"
    title = "Batch sizes 1 to 256: records/s of one agent"

    def run(self, bench: Bench) -> Table:
        route = asyncio.run(make_route(bench.cluster, "batches"))
        asyncio.run(preload(bench.cluster, route.input, RECORDS))
        node = Node(bench, "batches")
        found: dict[tuple[int, int], list[float]] = defaultdict(list)
        for number in range(ROUNDS):
            bench.say(f"batches, round {number + 1}")
            for threads in THREADS:
                for batch in BATCHES:
                    group = bench.unique("batch")
                    document = workload(bench.cluster, route, group=group, threads=threads, max_records=batch)
                    # Small batches take long for what they tell.
                    records = RECORDS if batch > 4 else RECORDS // 4
                    found[threads, batch].append(drained(bench, node, document, records=records))
        rows = tuple(
            (f"{threads}", *(f"{median(found[threads, batch]):,.0f}" for batch in BATCHES)) for threads in THREADS
        )
        return Table(name=self.name, title=self.title, columns=("interpreter threads", *map(str, BATCHES)), rows=rows)
