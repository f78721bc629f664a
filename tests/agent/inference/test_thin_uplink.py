"""An upper tier behind a link so thin that what waits on disk cannot go up at once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.documents import Cluster, Uplink
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.config import HOST
from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings
from tests.agent.inference.arithmetic import Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, make_topics, produce, reading, running

pytestmark = pytest.mark.slow
DOOR, LINK = "FROM_EDGE", "thin"
RECORDS = 256
BYTES_A_SECOND = 8_000.0
DEADLINE_S = 2.0


@pytest.fixture(scope="module")
def above() -> Iterator[KafkaCluster]:
    with KafkaCluster(doors=[DOOR]) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def link(above: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shaper]:
    (door,) = above.doors(DOOR)
    settings = ShaperSettings(
        links=(LinkSettings(name=LINK, up=LineSettings(bandwidth=BYTES_A_SECOND)),),
        routes=(RouteSettings(listen_port=door.advertised, target_port=door.port, links=(LINK,)),),
    )
    with Shaper(settings, log=tmp_path_factory.mktemp("links") / "links.log") as shaper:
        yield shaper


async def test_what_cannot_go_up_together_within_the_deadline_goes_up_in_smaller_parts(
    broker: KafkaCluster, above: KafkaCluster, link: Shaper, unique: str, tmp_path: Path
) -> None:
    here, networks = cluster_of(broker), Networks(tmp_path)
    (door,) = above.doors(DOOR)
    there = Cluster(name="above", bootstrap_servers=(f"{HOST}:{door.advertised}",))
    version = networks.add(Arithmetic(tier="edge", version=1))
    uplink = Uplink(deadline_s=DEADLINE_S)
    edge = document("edge", [version], {"edge": here, "cloud": there}, unique, upper="cloud", uplink=uplink)
    await make_topics(cluster_of(above), f"{unique}.cloud")
    await asyncio.to_thread(link.cut, LINK)
    async with running(edge, networks) as node:
        await produce(here, f"{unique}.edge", [record(0.5, mark=mark) for mark in range(RECORDS)])
        while node.workload.status().counters["spooled"] < RECORDS:
            await node.ring()
        await asyncio.to_thread(link.mend, LINK)
        async with asyncio.timeout(120):
            while node.workload.status().uplink != "up":
                await node.ring()
        counters = node.workload.status().counters
    assert counters["forwarded"] == RECORDS
    # Together they would have taken longer than the deadline.
    assert counters["up_bytes"] > 1.2 * BYTES_A_SECOND * DEADLINE_S
    async with reading(cluster_of(above), f"{unique}.cloud") as forwards:
        await forwards.until(RECORDS)
