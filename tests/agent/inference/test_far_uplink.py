"""An upper tier far away: what is on its way up keeps nothing here from being answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from shared.documents import Cluster, Uplink
from shared.kafka import producer
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.config import HOST
from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings
from tests.agent.inference.arithmetic import MARK, Arithmetic, record
from tests.agent.inference.tiers import Networks, Seen, cluster_of, document, make_topics, produce, reading, running

pytestmark = pytest.mark.slow
DOOR, LINK = "FROM_EDGE", "far"
# More micro-batches than one producer has requests, or a pipeline has steps.
FORWARDED = 24


@pytest.fixture(scope="module")
def above() -> Iterator[KafkaCluster]:
    with KafkaCluster(doors=[DOOR]) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def link(above: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shaper]:
    folder = tmp_path_factory.mktemp("links")
    (door,) = above.doors(DOOR)
    line = LineSettings(latency=0.02)
    settings = ShaperSettings(
        links=(LinkSettings(name=LINK, up=line, down=line),),
        routes=(RouteSettings(listen_port=door.advertised, target_port=door.port, links=(LINK,)),),
    )
    with Shaper(settings, log=folder / "links.log") as shaper:
        yield shaper


@asynccontextmanager
async def one_by_one(cluster: Cluster, topic: str) -> AsyncIterator[Callable[[bytes], Awaitable[object]]]:
    sender = producer(cluster)
    await sender.start()
    try:
        yield lambda value: sender.send_and_wait(topic, value)
    finally:
        await sender.stop()


def mark_of(forwarded: Seen) -> int:
    """What the record was, plus the version that forwarded it."""
    return round(float(np.frombuffer(forwarded.value, "<f4")[MARK])) - 1


async def test_while_much_is_on_its_way_up_records_are_answered_here(
    broker: KafkaCluster, above: KafkaCluster, link: Shaper, unique: str, tmp_path: Path
) -> None:
    here, networks = cluster_of(broker), Networks(tmp_path)
    (door,) = above.doors(DOOR)
    there = Cluster(name="above", bootstrap_servers=(f"{HOST}:{door.advertised}",))
    version = networks.add(Arithmetic(tier="edge", version=1))
    clusters = {"edge": here, "cloud": there}
    edge = document("edge", [version], clusters, unique, upper="cloud", uplink=Uplink(deadline_s=60))
    await make_topics(cluster_of(above), f"{unique}.cloud")
    async with running(edge, networks) as node, reading(here, f"{unique}.answers") as answers:
        await node.until_running()
        while node.workload.status().uplink != "up":
            await node.ring()
        await asyncio.to_thread(link.cut, LINK)
        async with one_by_one(here, f"{unique}.edge") as send:
            for count in range(1, FORWARDED + 1):
                await send(record(0.5, mark=count))
                while node.workload.status().counters["records_in"] < count:
                    await node.ring(0.01)
            await send(record(0.9, mark=100))
        await answers.until(1)
        # None of them was given up for it, or is on the disk.
        status = node.workload.status()
        assert (status.uplink, status.counters["forwarded"], status.counters["spooled"]) == ("up", 0, 0)
        await asyncio.to_thread(link.mend, LINK)
        async with reading(cluster_of(above), f"{unique}.cloud") as forwards:
            marks = [mark_of(one) for one in await forwards.until(FORWARDED)]
            assert len(await forwards.rest()) == FORWARDED
    assert sorted(marks) == list(range(1, FORWARDED + 1))


async def test_records_of_one_key_go_up_in_their_order(
    broker: KafkaCluster, above: KafkaCluster, link: Shaper, unique: str, tmp_path: Path
) -> None:
    here, networks = cluster_of(broker), Networks(tmp_path)
    (door,) = above.doors(DOOR)
    there = Cluster(name="above", bootstrap_servers=(f"{HOST}:{door.advertised}",))
    version = networks.add(Arithmetic(tier="edge", version=1))
    clusters = {"edge": here, "cloud": there}
    edge = document("edge", [version], clusters, unique, upper="cloud", uplink=Uplink(deadline_s=60))
    await make_topics(cluster_of(above), f"{unique}.cloud")
    keys = [b"a", b"b", b"c", b"d", b"e"]
    async with running(edge, networks), reading(cluster_of(above), f"{unique}.cloud") as forwards:
        for mark in range(40):
            await produce(here, f"{unique}.edge", [record(0.5, mark=mark)], key=keys[mark % len(keys)])
        seen = await forwards.until(40)
    for key in keys:
        marks = [mark_of(one) for one in seen if one.key == key]
        assert marks == sorted(marks)
