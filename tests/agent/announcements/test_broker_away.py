"""The broker of a control topic goes and comes back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.streams.ranges import Range
from simulations.kafka.cluster import KafkaCluster
from tests.agent.announcements.test_finding import message
from tests.agent.announcements.watching import Told, document, send, watching
from tests.agent.inference.tiers import cluster_of

pytestmark = pytest.mark.slow


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[KafkaCluster]:
    with KafkaCluster(data_dir=tmp_path / "kafka") as cluster:
        yield cluster


async def test_the_status_says_that_it_is_away_and_the_watch_goes_on_when_it_is_back(
    own_broker: KafkaCluster, unique: str
) -> None:
    here, told = cluster_of(own_broker), Told()
    topic = f"{unique}.control"
    watched = document(here, unique, Range(topic=topic, partition=0, start=0, end=1), look_every_s=0.2)
    await send(here, topic, (b"3", message()))
    async with watching(watched, told) as workload:
        await told.until(lambda: len(told.found) == 1 and bool(told.kept))
        own_broker.kill(1)
        await told.until(lambda: bool(workload.status().reason))
        await asyncio.to_thread(own_broker.start, 1)
        await send(here, topic, (b"4", message()))
        await told.until(lambda: {one.offset for one in told.found} == {0, 1})
        await told.until(lambda: told.kept[-1].last == 2 and not workload.status().reason)
