"""What an agent takes of a small box: its resident memory while nothing comes, and while a backlog is worked off."""

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path

from simulations.bench.bench import Bench
from simulations.bench.experiment import Samples
from simulations.bench.kafka import follow, preload
from simulations.bench.node import Node
from simulations.bench.report import Better, Figure
from simulations.bench.workloads import Route, make_route, workload
from simulations.programs import RunningProgram

WAITING = 3_000
# After its first records: everything is loaded, and what a start took is given back.
SETTLE_S = 1.0
FIRST_RECORDS = 20
MIB = "MiB"


class Memory:
    name = "memory"
    figures: Sequence[Figure] = (
        Figure(
            name="memory-idle",
            title="resident memory of an idle agent on LiteRT",
            must=64,
            aim=58,
            better=Better.LOWER,
            unit=MIB,
        ),
        Figure(
            name="memory-waiting",
            title="the same with 3,000 records waiting, at its highest",
            must=80,
            aim=68,
            better=Better.LOWER,
            unit=MIB,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        idle = asyncio.run(make_route(bench.cluster, "memory.idle"))
        waiting = asyncio.run(make_route(bench.cluster, "memory.waiting"))
        asyncio.run(preload(bench.cluster, idle.input, FIRST_RECORDS))
        asyncio.run(preload(bench.cluster, waiting.input, WAITING))
        node = Node(bench, "memory")
        for number in range(bench.rounds):
            bench.say(f"memory, round {number + 1}")
            samples.add("memory-idle", _resident_mib(bench, node, idle, FIRST_RECORDS, "VmRSS"))
            samples.add("memory-waiting", _resident_mib(bench, node, waiting, WAITING, "VmHWM"))
        return samples


def _resident_mib(bench: Bench, node: Node, route: Route, records: int, field: str) -> float:
    document = workload(bench.cluster, route, group=bench.unique("memory"))
    with node.running(document) as running:
        asyncio.run(follow(bench.cluster, document.group, records, fails=running.failure))
        time.sleep(SETTLE_S)
        return _status_mib(running, field)


def _status_mib(running: RunningProgram, field: str) -> float:
    """`VmRSS` is what is resident now, `VmHWM` the most that ever was."""
    text = Path(f"/proc/{running.process.pid}/status").read_text()
    found = re.search(rf"^{field}:\s+(\d+) kB$", text, re.MULTILINE)
    if found is None:
        raise running.failure(f"has no {field}")
    return int(found.group(1)) / 1024
