"""A coordinator that is killed ten times in mid-run leaves the model that it would have left undisturbed."""

import asyncio
import random
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from agent.federation.aggregation.strategies import strategy
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.decisions import Accepted
from agent.federation.coordinator.replica import Replica
from agent.federation.coordinator.topics import Topics
from agent.federation.wire.manifests import global_manifest
from agent.federation.wire.newest import newest
from agent.federation.wire.tensors import to_bytes
from shared.documents import Cluster
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import (
    Sites,
    change,
    cluster_of,
    federation,
    initial,
    sites,
)

ROUNDS, KILLS = 24, 10

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def started(broker: KafkaCluster, name: str, folder: Path, by: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.agent.federation.coordinator.coordinator_program",
        broker.bootstrap_servers,
        name,
        str(folder),
        by,
        str(ROUNDS),
        cwd=Path(__file__).parents[4],
    )


async def rounds_published(cluster: Cluster, topics: Topics, folder: Path) -> int:
    found, _ = await newest(cluster, topics.models, global_manifest, folder=folder)
    return -1 if found is None else found.manifest.round


async def feed(some: Sites, cluster: Cluster, topics: Topics, folder: Path, kills: list[float]) -> None:
    """Two sites, each an update of every model: the sum of two is the same in either order. They are not so quick that
    it would be over before the coordinator was killed as often as it is to be.
    """
    for number in range(ROUNDS):
        while len(kills) < number * KILLS // (ROUNDS - 1):  # noqa: ASYNC110 - as below
            await asyncio.sleep(0.02)
        while await rounds_published(cluster, topics, folder) < number:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
        await some.send("north", number + 1, number, change(2 * number))
        await asyncio.sleep(0.05)
        await some.send("south", number + 1, number, change(2 * number + 1))


async def killed_over_and_over(broker: KafkaCluster, name: str, folder: Path, kills: list[float]) -> None:
    """To its end. `kills`: after how many seconds each life was ended."""
    drawn = random.Random(3)
    while True:
        process = await started(broker, name, folder / str(len(kills) % 2), f"life {len(kills)}")
        delay_s = drawn.uniform(1.5, 4.0)
        try:
            async with asyncio.timeout(delay_s if len(kills) < KILLS else 300):
                assert await process.wait() == 0
                return
        except TimeoutError:
            process.send_signal(signal.SIGKILL)
            await process.wait()
            kills.append(delay_s)


async def test_a_coordinator_killed_ten_times_leaves_the_bytes_of_one_that_was_not(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    kills: list[float] = []
    async with sites(cluster, topics) as some:
        feeding = asyncio.create_task(feed(some, cluster, topics, tmp_path / "site", kills))
        await killed_over_and_over(broker, unique, tmp_path, kills)
        await feeding
    assert len(kills) == KILLS
    found, _ = await newest(cluster, topics.models, global_manifest, folder=tmp_path / "newest")
    assert found is not None
    assert found.manifest.round == ROUNDS
    assert found.raw == undisturbed(unique)


def undisturbed(name: str) -> bytes:
    """The same updates in the same order, by the arithmetic alone."""
    document = federation(name)
    chosen = strategy(document.strategy.name, document.strategy.parameters)
    replica, reader = Replica.of(chosen, initial()), Reader.of(document, chosen)
    for number in range(ROUNDS):
        for place, site in enumerate(("north", "south")):
            update = change(2 * number + place)
            contribution = reader.contribution(
                accepted(site, number), reader.read(to_bytes(update), replica.model), round=number
            )
            replica.state = chosen.fold(replica.state, contribution)
        model, replica.state = chosen.step(replica.state, replica.model)
        replica.model = model
    return to_bytes(replica.model)


def accepted(site: str, number: int) -> Accepted:
    return Accepted(
        participant=site,
        number=number + 1,
        base=number,
        records=10 * (number + 1),
        steps=3,
        offset=0,
        sha256="0" * 64,
        at=0.0,
    )
