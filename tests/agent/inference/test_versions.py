"""Versions come and go while records flow; features never meet a sub-model of another version."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared.documents import Batching
from shared.errors import ModelError
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, produce, reading, running


async def test_a_new_version_takes_over_between_two_micro_batches(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    old, new = (networks.add(Arithmetic(tier="edge", version=number, delay_s=0.004)) for number in (1, 2))
    edge = replace(document("edge", [old], {"edge": here}, unique), batching=Batching(max_records=20))
    count = 900
    async with running(edge, networks) as node, reading(here, f"{unique}.answers") as answers:
        await produce(here, f"{unique}.edge", [record(0.9, mark=mark) for mark in range(count)])
        await answers.until(1)
        await node.workload.update(replace(edge, versions=(new,)))
        await answers.until(count)
        predictions = [one.prediction for one in await answers.rest()]
        assert node.workload.status().versions == ("digits/2",)
    versions = [one.version for one in predictions]
    assert len(versions) == len({one.id for one in predictions}) == count
    assert set(versions) == {1, 2}
    assert versions == sorted(versions)


async def test_a_version_that_does_not_load_leaves_the_old_one_serving(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    old = networks.add(Arithmetic(tier="edge", version=1))
    broken = networks.add(Arithmetic(tier="edge", version=2, is_broken=True))
    edge = document("edge", [old], {"edge": here}, unique)
    async with running(edge, networks) as node, reading(here, f"{unique}.answers") as answers:
        await node.until_running()
        with pytest.raises(ModelError, match=r"digits/2 does not load: this file is no network"):
            await node.workload.update(replace(edge, versions=(broken,)))
        await produce(here, f"{unique}.edge", [record(0.9)])
        assert (await answers.until(1))[0].prediction.version == 1


async def test_a_version_that_fails_its_first_records_gives_way_to_its_predecessor(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    old = networks.add(Arithmetic(tier="edge", version=1))
    worn = networks.add(Arithmetic(tier="edge", version=2, fails_from=2))
    edge = document("edge", [old], {"edge": here}, unique)
    async with running(edge, networks) as node, reading(here, f"{unique}.answers") as answers:
        await node.until_running()
        await node.workload.update(replace(edge, versions=(worn,)))
        assert node.workload.status().versions == ("digits/2", "digits/1")
        for mark in range(4):
            await produce(here, f"{unique}.edge", [record(0.9, mark=mark)])
            await answers.until(mark + 1)
        assert [one.prediction.version for one in answers.seen] == [2, 1, 1, 1]
        status = node.workload.status()
    assert status.versions == ("digits/1",)
    assert "digits/2 failed its first records" in status.reason


async def test_features_of_two_versions_meet_the_sub_models_of_their_own(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    clusters = dict.fromkeys(("edge", "cloud"), here)
    networks = Networks(tmp_path)
    lower = [networks.add(Arithmetic(tier="edge", version=number, delay_s=0.006)) for number in (1, 2)]
    upper = [networks.add(Arithmetic(tier="cloud", version=number)) for number in (1, 2)]
    edge = document("edge", lower[:1], clusters, unique, upper="cloud")
    edge = replace(edge, batching=Batching(max_records=20))
    cloud = document("cloud", [upper[1], upper[0]], clusters, unique)
    count = 600
    async with (
        running(cloud, networks) as above,
        running(edge, networks) as below,
        reading(here, f"{unique}.answers") as answers,
    ):
        await above.until_running()
        await produce(here, f"{unique}.edge", [record(0.5, mark=mark) for mark in range(count)])
        await answers.until(1)
        await below.workload.update(replace(edge, versions=(lower[1],)))
        await answers.until(count)
        predictions = [one.prediction for one in answers.seen]
    assert len({one.id for one in predictions}) == count
    assert {one.version for one in predictions} == {1, 2}
    assert all(one.trail[0].version == one.trail[1].version == one.version for one in predictions)


async def test_a_tier_above_that_lacks_the_version_gives_the_record_up_with_that_reason(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    clusters = dict.fromkeys(("edge", "cloud"), here)
    networks = Networks(tmp_path)
    edge = document("edge", [networks.add(Arithmetic(tier="edge", version=2))], clusters, unique, upper="cloud")
    cloud = document("cloud", [networks.add(Arithmetic(tier="cloud", version=1))], clusters, unique)
    async with (
        running(cloud, networks) as above,
        running(edge, networks),
        reading(here, f"{unique}.dead") as dead,
    ):
        await above.until_running()
        await produce(here, f"{unique}.edge", [record(0.5)])
        (letter,) = await dead.until(1)
    assert b"digits/2, which is not loaded here" in letter.headers["fogline-error"]
    assert letter.headers["fogline-origin-topic"] == f"{unique}.cloud".encode()


async def test_an_update_while_one_is_under_way_waits_for_it(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    networks = Networks(tmp_path)
    versions = [networks.add(Arithmetic(tier="edge", version=number)) for number in (1, 2, 3)]
    edge = document("edge", versions[:1], {"edge": cluster_of(broker)}, unique)
    async with running(edge, networks) as node:
        await node.until_running()
        await asyncio.gather(*(node.workload.update(replace(edge, versions=(one,))) for one in versions[1:]))
        assert node.workload.status().versions[0] == "digits/3"
