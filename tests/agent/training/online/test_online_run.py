"""An online run on a node, from records to versions in the registry."""

import asyncio

import pytest

from shared.documents import Cluster, Export, Phase, Stage
from shared.documents.training import Online
from shared.kafka import producer
from shared.streams.announcement import Announcement
from tests.agent.training.online.online_runs import WINDOW, records
from tests.agent.training.running.attempts import INPUT, Bench, at_work, training

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


async def test_a_better_network_is_handed_in_while_the_run_goes_on(bench: Bench, cluster: Cluster, unique: str) -> None:
    announcement = Announcement(open_topic=unique, input=INPUT)
    online = Online(window=WINDOW, judged_windows=1, margin=0.0)
    document = training(cluster, announcement, online=online, export=Export(checked=32))
    async with at_work(document, bench) as work:
        await produce(cluster, unique, 3 * WINDOW)
        async with asyncio.timeout(300):
            while not bench.control_plane.results and work.workload.status().phase is Phase.RUNNING:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        status = work.workload.status()
        assert status.phase is Phase.RUNNING, status.reason
        assert status.training is not None
        assert status.training.stage is Stage.FITTING
    (run, result), *_ = bench.control_plane.results
    assert (run, result.is_last, result.attempt) == (1, False, 1)
    assert [one.tier for one in result.manifest.sub_models] == ["edge", "cloud"]


async def produce(cluster: Cluster, topic: str, count: int) -> None:
    inputs, labels = await asyncio.to_thread(records, 5, count)
    async with producer(cluster) as sender:
        for row, label in zip(inputs, labels, strict=True):
            await sender.send(topic, value=row.tobytes(), key=label.tobytes())
        await sender.flush()
