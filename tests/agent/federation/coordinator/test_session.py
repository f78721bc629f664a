"""A coordinator on a real broker: whoever takes over comes to the same bytes, and nothing counts twice."""

from contextlib import aclosing
from pathlib import Path

import pytest

from agent.federation.coordinator.log import Log
from agent.federation.coordinator.publication import Publication
from agent.federation.coordinator.replica import digest
from agent.federation.coordinator.snapshots import MOST_DECISIONS, Snapshots
from agent.federation.coordinator.standing import LogError, Participant, Standing
from agent.federation.coordinator.topics import Topics, ensure
from agent.federation.wire.manifests import global_manifest
from agent.federation.wire.newest import newest
from agent.federation.wire.tensors import from_bytes
from shared.documents.federation import Rounds, Stop
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import (
    NAMES,
    cluster_of,
    coordinating,
    federation,
    judged,
    sites,
    takeover,
)


async def test_updates_become_models_and_whoever_takes_over_comes_to_the_same_bytes(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    document = federation(unique, rounds=Rounds(updates=2), stop=Stop(rounds=3))
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some:
        # 1. One round, and half of the next.
        async with coordinating(document, cluster, tmp_path / "one") as stage:
            await some.send("north", 1, 0)
            await some.send("south", 1, 0)
            await stage.until_round(1)
            await some.send("north", 2, 1)
            before = await stage.until(lambda standing: len(standing.accepted) == 1)
        # 2. Another one, with a disk of its own.
        async with coordinating(document, cluster, tmp_path / "two", by="two") as stage:
            after = await stage.until_round(1)
            assert (after.round, after.accepted, after.model) == (before.round, before.accepted, before.model)
            await some.send("east", 1, 1)
            standing = await stage.until_round(2)
            assert standing.participants["north"].accepted == 2
            await some.send("east", 2, 2)
            await some.send("south", 2, 2)
            book = await stage.working
        assert book.standing.round == 3
    # 3. What participants read is what the log comes to.
    found, _ = await newest(cluster, topics.models, global_manifest, folder=tmp_path / "newest")
    assert found is not None
    assert (found.manifest.round, found.manifest.metrics) == (3, {"cloud/accuracy": 0.03})
    assert digest(from_bytes(found.raw)) == digest(book.replica.model) == book.standing.model


def refused(standing: Standing) -> int:
    return standing.participants.get("south", Participant()).refused


@pytest.mark.timeout(300)
async def test_a_long_round_is_snapped_in_its_midst_and_what_lies_two_snapshots_behind_is_cut(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    """So many refusals that nobody wants to read them again, and accepted updates among them."""
    document = federation(unique, rounds=Rounds(updates=3))
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    log = Log(cluster=cluster, topic=topics.decisions)
    async with sites(cluster, topics) as some:
        async with coordinating(document, cluster, tmp_path / "one") as stage:
            await some.send("north", 1, 0)
            # Every site has a topic of its own, and between topics there is no order: north is awaited to be the first.
            await stage.until(lambda standing: len(standing.accepted) == 1)
            for _ in range(2 * MOST_DECISIONS):
                await some.conclude("south", b"rubbish")
            await some.send("east", 1, 0)
            await stage.until(lambda standing: len(standing.accepted) == 2 and refused(standing) == 2 * MOST_DECISIONS)
        with pytest.raises(LogError, match="the log begins at"):
            async with aclosing(log.read(MOST_DECISIONS // 2)) as entries:
                await anext(entries)
        # A decision and its transaction's end take two offsets: so far back lies between the last two snapshots.
        async with aclosing(log.read(3 * MOST_DECISIONS)) as entries:
            assert (await anext(entries)).offset >= 3 * MOST_DECISIONS
        # What was accepted before the snapshots is in them: the update itself is there no more, and not needed.
        async with coordinating(document, cluster, tmp_path / "two", by="two") as stage:
            standing = await stage.until(lambda standing: refused(standing) == 2 * MOST_DECISIONS)
            assert [one.participant for one in standing.accepted] == ["north", "east"]
            await some.send("south", 1, 0)
            assert (await stage.until_round(1)).participants["south"].accepted == 1


async def test_a_life_that_ended_before_its_first_snapshot_owes_it_to_the_next(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    document = federation(unique, rounds=Rounds(updates=2))
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    elsewhere = Topics(federation=f"{unique}-elsewhere", edition=1)
    await ensure(cluster, topics, NAMES)
    await ensure(cluster, elsewhere, ())
    taking = takeover(document, cluster, tmp_path / "one")
    async with taking.book() as (book, snapshots):
        publication = Publication(
            book=book,
            snapshots=Snapshots(cluster=cluster, topics=elsewhere, folder=tmp_path / "elsewhere"),
            topics=topics,
            privacy=None,
            seal=taking.seal,
            judge=judged,
            clock=lambda: 0.0,
            noticed=lambda _: None,
        )
        await publication.open()
        assert await snapshots.newest() is None
    async with coordinating(document, cluster, tmp_path / "two", by="two") as stage:
        await stage.until_round(0)
    assert await snapshots.newest() is not None
