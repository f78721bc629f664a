from pathlib import Path

from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, produce, reading, running


async def test_each_record_is_answered_by_the_first_tier_that_is_sure(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    clusters = dict.fromkeys(("edge", "fog", "cloud"), here)
    networks = Networks(tmp_path)
    tiers = {tier: networks.add(Arithmetic(tier=tier, version=1)) for tier in clusters}
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
        seen = await answers.until(3)
        totals = first.workload.status().counters
    assert sorted(one.prediction.tier for one in seen) == ["cloud", "edge", "fog"]
    assert len({one.prediction.id for one in seen}) == 3
    assert [len(one.prediction.trail) for one in sorted(seen, key=lambda one: len(one.prediction.trail))] == [1, 2, 3]
    assert (totals["records_in"], totals["answered"], totals["forwarded"]) == (3, 1, 2)
