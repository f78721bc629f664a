"""Two coordinators of one federation: the one that is shut out writes nothing more, and does not come back to fight."""

import asyncio
import gc
from collections.abc import Mapping
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from agent.federation.coordinator.log import Log
from agent.federation.coordinator.takeover import SupersededError
from agent.federation.coordinator.topics import Topics
from agent.federation.weights import Weights
from agent.federation.wire.chunks import MANIFEST_KEY
from agent.federation.wire.manifests import GlobalManifest, global_manifest
from shared.documents import Cluster
from shared.documents.federation import Stop
from shared.errors import ClusterError
from shared.kafka import FencedError, consumer
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import cluster_of, coordinating, federation, sites

pytestmark = pytest.mark.timeout(300)


async def manifests(cluster: Cluster, topics: Topics) -> list[GlobalManifest]:
    """All that were ever committed."""
    client = consumer(cluster, group=None, read_committed=True)
    await client.start()
    partition = TopicPartition(topics.models, 0)
    client.assign([partition])
    await client.seek_to_beginning(partition)
    found: list[GlobalManifest] = []
    (end,) = (await client.end_offsets([partition])).values()
    while await client.position(partition) < end:
        taken = await client.getmany(timeout_ms=200)
        found += [global_manifest(one.value) for some in taken.values() for one in some if one.key == MANIFEST_KEY]
    await client.stop()
    return found


async def test_a_coordinator_that_was_frozen_while_another_took_over_publishes_nothing(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    document = federation(unique, stop=Stop(rounds=3))
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    frozen, thawed = asyncio.Event(), asyncio.Event()
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, said: complaints.append(said["message"]))

    async def slow(model: Weights, round: int) -> Mapping[str, float]:
        """Between the end of a round and its model."""
        frozen.set()
        await thawed.wait()
        return {"cloud/accuracy": 0.99}

    async with (
        sites(cluster, topics) as some,
        coordinating(document, cluster, tmp_path / "first", by="first", judge=slow) as first,
    ):
        await some.send("north", 1, 0)
        await frozen.wait()
        async with coordinating(document, cluster, tmp_path / "second", by="second") as second:
            # 1. The second finds the round over, and publishes its model.
            await second.until_round(1)
            # 2. The first wakes up and wants to publish the same.
            thawed.set()
            with pytest.raises(FencedError):
                async with asyncio.timeout(30):
                    await first.working
            # 3. It looks into the log, and does not come back.
            with pytest.raises(SupersededError, match="another coordinator leads: second"):
                await first.session.run()
            # 4. The second is shut out by that look, and goes on all the same.
            await some.send("north", 2, 1)
            with pytest.raises(ClusterError):
                await second.working
            second.working = asyncio.create_task(second.session.run())
            await second.until_round(2)
            await some.send("north", 3, 2)
            book = await second.working
    assert book.standing.round == 3
    assert [(one.round, one.metrics) for one in await manifests(cluster, topics)] == [
        (0, {}),
        *((number, {"cloud/accuracy": number / 100}) for number in (1, 2, 3)),
    ]
    entries = [entry async for entry in Log(cluster=cluster, topic=topics.decisions).read(book.behind - 1)]
    assert len(entries) == 1
    # What was fenced is told once, by its error, and not by futures that nobody awaits.
    gc.collect()
    assert complaints == []
