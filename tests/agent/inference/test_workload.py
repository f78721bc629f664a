import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from agent.workload import RestartNeededError
from shared.documents import Batching, Delivery, ExitPolicy, Phase
from shared.record.headers import ID, MODEL, TIME
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import POISON, TIERS, Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, make_topics, produce, reading, running


async def test_each_record_is_answered_by_the_first_tier_that_is_sure(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    clusters = dict.fromkeys(TIERS, here)
    networks = Networks(tmp_path)
    tiers = {tier: networks.add(Arithmetic(tier=tier, version=1)) for tier in TIERS}
    edge = document("edge", [tiers["edge"]], clusters, unique, upper="fog")
    fog = document("fog", [tiers["fog"]], clusters, unique, upper="cloud")
    cloud = document("cloud", [tiers["cloud"]], clusters, unique)
    async with (
        running(cloud, networks),
        running(fog, networks),
        running(edge, networks) as first,
        reading(here, f"{unique}.answers") as answers,
    ):
        await first.until_running()
        await produce(here, f"{unique}.edge", [record(0.9), record(0.5, 0.9), record(0.5, 0.5, 0.9)])
        predictions = [one.prediction for one in await answers.until(3)]
        # An answer can be read before the edge has heard that its own records have arrived.
        while (totals := first.workload.status().counters)["answered"] + totals["forwarded"] < 3:
            await first.ring()
    assert {one.tier: len(one.trail) for one in predictions} == {"edge": 1, "fog": 2, "cloud": 3}
    assert len({one.id for one in predictions}) == 3
    assert (totals["records_in"], totals["answered"], totals["forwarded"]) == (3, 1, 2)


async def test_headers_and_keys_of_a_sensor_reach_answer_and_upper_tier(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": here, "fog": here}, unique, upper="fog")
    mine = [("traceparent", b"00-1-2-01"), ("room", b"7"), (ID, b"0123456789abcdef"), (TIME, (5).to_bytes(8, "big"))]
    async with (
        reading(here, f"{unique}.fog") as forwards,
        running(edge, networks),
        reading(here, f"{unique}.answers") as answers,
    ):
        await produce(here, f"{unique}.edge", [record(0.9), record(0.5)], key=b"sensor-1", headers=mine)
        (answer,) = await answers.until(1)
        (forward,) = await forwards.until(1)
    for one in (answer, forward):
        assert one.key == b"sensor-1"
        assert dict(mine).items() <= one.headers.items()
    assert forward.headers[MODEL] == b"digits/1"
    assert answer.prediction.id == b"0123456789abcdef".hex()


async def test_a_bad_record_becomes_a_dead_letter_and_the_next_one_is_served(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    edge = document("edge", [networks.add(Arithmetic(tier="edge", version=1))], {"edge": here}, unique)
    bad = {
        b"short": "too short",
        b"much too long to be a record": "too long",
        record(float("nan")): "NaN",
        record(0.9, mark=POISON): "poison",
    }
    async with (
        running(edge, networks),
        reading(here, f"{unique}.answers") as answers,
        reading(here, f"{unique}.dead") as dead,
    ):
        await produce(here, f"{unique}.edge", [record(0.9), *bad, record(0.8)], headers=[("room", b"7")])
        letters = await dead.until(len(bad))
        assert len(await answers.until(2)) == 2
    assert {one.value: bad[one.value] in one.headers["fogline-error"].decode() for one in letters} == dict.fromkeys(
        bad, True
    )
    origins = [
        (one.headers["fogline-origin-topic"], one.headers["fogline-origin-partition"], one.headers["room"])
        for one in letters
    ]
    assert origins == [(f"{unique}.edge".encode(), b"0", b"7")] * len(bad)
    assert sorted(one.headers["fogline-origin-offset"] for one in letters) == [b"1", b"2", b"3", b"4"]


async def test_a_record_for_a_version_that_is_not_loaded_says_so(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    cloud = document("cloud", [networks.add(Arithmetic(tier="cloud", version=2))], {"cloud": here}, unique)
    async with running(cloud, networks), reading(here, f"{unique}.dead") as dead:
        await produce(here, f"{unique}.cloud", [record(0.9)], headers=[(MODEL, b"digits/1")])
        await produce(here, f"{unique}.cloud", [record(0.9)])
        reasons = [one.headers["fogline-error"].decode() for one in await dead.until(2)]
    assert "digits/1, which is not loaded" in reasons[0]
    assert "names no version" in reasons[1]


async def test_a_record_delivered_again_has_the_id_it_had(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    edge = document("edge", [networks.add(Arithmetic(tier="edge", version=1))], {"edge": here}, unique)
    async with reading(here, f"{unique}.answers") as answers:
        for group in ("one", "other"):
            async with running(replace(edge, group=f"{unique}.{group}"), networks):
                if group == "one":
                    await produce(here, f"{unique}.edge", [record(0.9), record(0.8)])
                await answers.until(2 if group == "one" else 4)
        ids = [one.prediction.id for one in answers.seen]
    assert ids[:2] == ids[2:]


async def test_a_new_threshold_is_applied_without_a_reload(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": here, "fog": here}, unique, upper="fog", threshold=0.8)
    async with (
        reading(here, f"{unique}.fog") as forwards,
        running(edge, networks) as node,
        reading(here, f"{unique}.answers") as answers,
    ):
        await produce(here, f"{unique}.edge", [record(0.7)])
        await forwards.until(1)
        networks.forget()
        await node.workload.update(replace(edge, exit=ExitPolicy(threshold=0.6), batching=Batching(max_records=7)))
        assert node.workload.status().threshold == 0.6
        await produce(here, f"{unique}.edge", [record(0.7)])
        await answers.until(1)


async def test_what_cannot_change_live_asks_for_a_restart(broker: KafkaCluster, unique: str, tmp_path: Path) -> None:
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": cluster_of(broker)}, unique)
    async with running(edge, networks) as node:
        await node.until_running()
        for other in (replace(edge, group="g"), replace(edge, input_topic="t"), replace(edge, threads=2)):
            with pytest.raises(RestartNeededError):
                await node.workload.update(other)


async def test_a_drained_workload_has_committed_all_it_answered(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    edge = document("edge", [networks.add(Arithmetic(tier="edge", version=1, delay_s=0.006))], {"edge": here}, unique)
    edge = replace(edge, batching=Batching(max_records=20))
    count = 500
    async with reading(here, f"{unique}.answers") as answers:
        async with running(edge, networks) as node:
            await produce(here, f"{unique}.edge", [record(0.9, mark=mark) for mark in range(count)])
            await answers.until(100)
        assert node.workload.status().phase is Phase.STOPPED
        assert len(await answers.rest()) < count
        async with running(edge, networks):
            await answers.until(count)
            seen = await answers.rest()
    assert len(seen) == len({one.prediction.id for one in seen}) == count


@pytest.mark.slow
async def test_two_workloads_of_one_process_do_not_wait_for_each_other(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    slow = document("edge", [networks.add(Arithmetic(tier="edge", version=1, delay_s=10))], {"edge": here}, unique)
    quick = document("edge", [networks.add(Arithmetic(tier="edge", version=1))], {"edge": here}, f"{unique}.quick")
    async with (
        running(slow, networks) as busy,
        running(quick, networks) as other,
        reading(here, f"{unique}.quick.answers") as answers,
    ):
        await busy.until_running()
        await other.until_running()
        await produce(here, f"{unique}.edge", [record(0.9)])
        while not busy.workload.status().counters["records_in"]:
            await busy.ring()
        await produce(here, f"{unique}.quick.edge", [record(0.9)])
        await answers.until(1)
        assert busy.workload.status().counters["answered"] == 0


@pytest.mark.parametrize("delivery", list(Delivery))
async def test_the_upper_tiers_topic_is_awaited_not_made(
    broker: KafkaCluster, unique: str, tmp_path: Path, delivery: Delivery
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": here, "fog": here}, unique, upper="fog", delivery=delivery)
    async with running(edge, networks) as node:
        await node.until_running()
        await produce(here, f"{unique}.edge", [record(0.5)])
        while "waiting for an agent of the upper tier" not in node.workload.status().reason:
            await node.ring()
        await make_topics(here, f"{unique}.fog", partitions=3)
        async with reading(here, f"{unique}.fog") as forwards:
            assert len(await forwards.until(1)) == 1
        # What was forwarded can be read before the node has heard of it.
        while node.workload.status().reason:
            await node.ring()


@pytest.mark.parametrize("delivery", Delivery)
async def test_a_drain_in_the_midst_of_a_single_record_ends_with_that_record_delivered(
    broker: KafkaCluster, unique: str, tmp_path: Path, delivery: Delivery
) -> None:
    here = cluster_of(broker)
    networks = Networks(tmp_path)
    version = networks.add(Arithmetic(tier="edge", version=1))
    edge = document("edge", [version], {"edge": here, "fog": here}, unique, upper="fog", delivery=delivery)
    async with running(edge, networks) as node:
        await node.until_running()
        # A few, one after the other, until a single record is known to be quick enough to be inferred inline.
        for count in range(1, 9):
            await produce(here, f"{unique}.edge", [record(0.9)])
            while node.workload.status().counters["answered"] < count:
                await node.ring()
        await produce(here, f"{unique}.edge", [record(0.5)])
        while "waiting for an agent of the upper tier" not in node.workload.status().reason:
            await node.ring()
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(node.workload.drain())
            await make_topics(here, f"{unique}.fog")
    async with reading(here, f"{unique}.fog", committed=True) as forwards:
        await forwards.until(1)
        assert len(await forwards.rest()) == 1
