"""How fast an agent works off what waits in its topic."""

import asyncio

from shared.documents import InferenceWorkload
from simulations.bench.bench import Bench
from simulations.bench.kafka import follow
from simulations.bench.node import Node
from simulations.bench.statistics import rate


def drained(bench: Bench, node: Node, document: InferenceWorkload, *, records: int) -> float:
    """Records a second from the first to the last committed result. The group must be new, the topic full."""
    with node.running(document) as running:
        return rate(asyncio.run(follow(bench.cluster, document.group, records, fails=running.failure)))
