"""What a new version costs the records under way: the second after a deployment was changed beside those around it.

The change takes the whole way: HTTP, placement, watch stream, the tier above first, download, verify, load, warm up,
take over. Each round swaps to a version that the node has not seen.
"""

import asyncio
import time
from collections.abc import Sequence

from shared import topics
from shared.client import AsyncClient
from shared.documents import Deployment, ExitPolicy, TierSpec
from simulations.bench import network
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import RECORDS_PER_S, Samples
from simulations.bench.kafka import follow, make_topics, preload
from simulations.bench.node import Node
from simulations.bench.report import Better, Figure
from simulations.bench.statistics import Progress, rate_between

INPUT = "hot.swap.in"
# Three windows and a start, at more than this machine can do.
RECORDS = 60_000
WINDOW_S = 1.0
LOOK_EVERY_S = 0.05
SWAP_DEADLINE_S = 30.0
SELECTOR = {"bench": "hot-swap"}


class HotSwap:
    name = "hot-swap"
    figures: Sequence[Figure] = (
        Figure(name=name, title="records/s during a hot swap / without", must=0.8, aim=0.95, better=Better.HIGHER),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        asyncio.run(make_topics(bench.cluster, {INPUT: 1}))
        asyncio.run(preload(bench.cluster, INPUT, RECORDS))
        node = Node(bench, "hot-swap", labels=SELECTOR)
        with bench.client() as client:
            client.clusters.put(bench.cluster)
            old = client.models.register(network.manifest(1), network.FOLDER).version
        with node.running():
            for number in range(bench.rounds):
                bench.say(f"hot swap, round {number + 1}")
                folder = bench.layout.directory / "fresh"
                with bench.client() as client:
                    new = client.models.register(network.fresh(number, folder), folder).version
                during, without, swap_s = asyncio.run(_round(bench, bench.unique("swap"), old, new))
                samples.add(
                    self.name,
                    during / without,
                    during=(during, RECORDS_PER_S),
                    without=(without, RECORDS_PER_S),
                    change_to_serving=(swap_s, "s"),
                )
        return samples


async def _round(bench: Bench, name: str, old: int, new: int) -> tuple[float, float, float]:
    """Records a second during a swap and around it, and the seconds from the change until the new version serves."""
    before, after = (_deployment(bench.cluster.name, name, version) for version in (old, new))
    async with AsyncClient(bench.url, credential=bench.credential) as client, asyncio.TaskGroup() as tasks:
        await client.deployments.put(before)
        seen: list[Progress] = []
        group = topics.group(before, before.tiers[0])
        following = tasks.create_task(follow(bench.cluster, group, RECORDS, seen=seen))
        await _until_consuming(seen)
        await asyncio.sleep(WINDOW_S)
        changed_s = time.monotonic()
        await client.deployments.put(after)
        served_s = await _until_serving(client, name, f"bench/{new}")
        end_s = max(served_s, changed_s + WINDOW_S)
        await asyncio.sleep(end_s + WINDOW_S + LOOK_EVERY_S - time.monotonic())
        following.cancel()
        await _remove(client, name)
    if seen[-1].records >= RECORDS:
        raise BenchError(f"{RECORDS} records are too few for a machine as fast as this one: raise RECORDS")
    during = rate_between(seen, changed_s, end_s)
    around = (rate_between(seen, changed_s - WINDOW_S, changed_s), rate_between(seen, end_s, end_s + WINDOW_S))
    return during, sum(around) / 2, served_s - changed_s


def _deployment(cluster: str, name: str, version: int) -> Deployment:
    """Both tiers on the one node; the edge answers everything, so the tier above has nothing to do but swap too."""
    edge = TierSpec(tier="edge", cluster=cluster, selector=SELECTOR, input_topic=INPUT, exit=ExitPolicy(threshold=0))
    cloud = TierSpec(tier="cloud", cluster=cluster, selector=SELECTOR)
    return Deployment(name=name, model="bench", version=version, tiers=(edge, cloud))


async def _until_consuming(seen: Sequence[Progress]) -> None:
    async with asyncio.timeout(SWAP_DEADLINE_S):
        while not seen or not seen[-1].records:  # noqa: ASYNC110 - looked at, not announced
            await asyncio.sleep(LOOK_EVERY_S)


async def _until_serving(client: AsyncClient, name: str, version: str) -> float:
    """The moment at which the edge was seen to serve it."""
    async with asyncio.timeout(SWAP_DEADLINE_S):
        while True:
            status = await client.deployments.status(name)
            if any(one.tier == "edge" and one.versions[:1] == (version,) for one in status.workloads):
                return time.monotonic()
            await asyncio.sleep(LOOK_EVERY_S)


async def _remove(client: AsyncClient, name: str) -> None:
    """Returns once the node runs nothing any more."""
    await client.deployments.delete(name)
    async with asyncio.timeout(SWAP_DEADLINE_S):
        while (await client.nodes.get("hot-swap")).workloads:  # noqa: ASYNC110 - the HTTP API is asked
            await asyncio.sleep(LOOK_EVERY_S)
