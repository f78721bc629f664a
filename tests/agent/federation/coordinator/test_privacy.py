"""Privacy on a real log: changes are shortened, weights alike, noise is the same in every replay, and ends in time."""

from pathlib import Path

import numpy as np

from agent.federation.coordinator.topics import Topics
from agent.federation.wire.manifests import global_manifest
from agent.federation.wire.newest import newest
from agent.federation.wire.tensors import from_bytes
from shared.documents.federation import NoiseAt, Privacy, Rounds, StrategyChoice
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import (
    cluster_of,
    coordinating,
    federation,
    initial,
    sites,
)

FEDAVG = StrategyChoice(name="fedavg")


async def test_a_coordinator_that_takes_over_adds_the_same_noise(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    document = federation(unique, privacy=Privacy(norm=1, noise=0.5), rounds=Rounds(updates=2), strategy=FEDAVG)
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some:
        async with coordinating(document, cluster, tmp_path / "one") as stage:
            await some.send("north", 1, 0)
            await some.send("south", 1, 0)
            before = await stage.until_round(1)
        async with coordinating(document, cluster, tmp_path / "two", by="two") as stage:
            after = await stage.until_round(1)
            assert after.model == before.model
            await some.send("north", 2, 1)
            await some.send("south", 2, 1)
            await stage.until_round(2)
    found, _ = await newest(cluster, topics.models, global_manifest, folder=tmp_path / "newest")
    assert found is not None
    moved = [from_bytes(found.raw)[name] - one for name, one in initial().items()]
    # Two rounds of changes no longer than 1, and noise of 0.25 on each of 15 weights in each.
    assert 0.3 < np.sqrt(sum(float(np.square(one).sum()) for one in moved)) < 2 + 6 * 0.25 * np.sqrt(2 * 15)


async def test_without_noise_a_change_counts_no_more_than_its_norm_and_all_count_the_same(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    document = federation(unique, privacy=Privacy(norm=0.5), rounds=Rounds(updates=2), strategy=FEDAVG)
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some, coordinating(document, cluster, tmp_path) as stage:
        far = {name: np.full_like(one, 100) for name, one in initial().items()}
        await some.send("north", 1, 0, far, records=10**9)
        await some.send("south", 1, 0, {name: -one for name, one in far.items()}, records=1)
        await stage.until_round(1)
    found, _ = await newest(cluster, topics.models, global_manifest, folder=tmp_path / "newest")
    assert found is not None
    for name, one in initial().items():
        np.testing.assert_allclose(from_bytes(found.raw)[name], one, atol=1e-6)


async def test_it_ends_when_the_next_update_would_exceed_epsilon(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    privacy = Privacy(norm=1, noise=1, at=NoiseAt.SITE)
    document = federation(unique, privacy=privacy)
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some, coordinating(document, cluster, tmp_path, most_updates=2) as stage:
        await some.send("north", 1, 0)
        await stage.until_round(1)
        await some.send("north", 2, 1)
        book = await stage.working
    assert (book.standing.round, book.standing.ended) == (2, "privacy")
