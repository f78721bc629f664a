"""A coordinator whose disk is full says so, forgets nothing that it has decided, and goes on once there is room."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from agent.federation.coordinator.topics import Topics
from agent.federation.weights import Weights
from shared.documents import Cluster, Phase
from shared.documents.federation import Rounds, Stop
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import cluster_of, federation, sites
from tests.agent.federation.coordinator.workloads import at_work, workload
from tests.agent.pretend import pretend_control_plane
from tests.agent.training.running.attempts import TORCH_NETWORK, Bench
from tests.end_to_end.small_disk import SmallDisk, small_disk

# Each loads a framework in a process of its own.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def cluster(broker: KafkaCluster) -> Cluster:
    return cluster_of(broker)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[tuple[Bench, SmallDisk]]:
    """All that a node writes lies on the disk."""
    async with pretend_control_plane() as made:
        with small_disk(tmp_path / "node", size="16m") as disk:
            yield Bench(disk.path, made, networks=(TORCH_NETWORK,)), disk


def towards(step: float) -> Weights:
    return {"cloud.0.weight": np.full((3, 12), step, np.float32), "cloud.0.bias": np.full(3, step, np.float32)}


async def test_a_full_disk_is_waited_for_and_every_update_is_decided_on_once(
    cluster: Cluster, node: tuple[Bench, SmallDisk], unique: str
) -> None:
    bench, disk = node
    document = workload(federation(unique, rounds=Rounds(updates=3), stop=Stop(rounds=1)), cluster)
    async with sites(cluster, Topics(federation=unique, edition=1)) as some, at_work(document, bench) as work:
        await some.send("north", 1, 0, towards(0.01))
        await work.until(lambda status: status.counters["accepted"] == 1)
        # 1. What comes meanwhile is of two: the one that meets the full disk, and another.
        with disk.full(os.getpid()):
            await some.send("south", 1, 0, towards(0.02))
            await some.send("east", 1, 0, towards(0.03))
            status = await work.until(lambda status: "free some space there" in status.reason)
            assert (status.phase, status.for_good) == (Phase.RUNNING, False)
            assert status.reason.endswith("; trying again")
            assert status.counters == {"rounds": 0, "accepted": 1, "refused": 0}
        # 2. There is room again.
        status = await work.until(lambda status: status.phase is Phase.FINISHED)
        assert status.counters == {"rounds": 1, "accepted": 3, "refused": 0}
    last = work.told.reports[-1].progress
    assert [(one.name, one.updates, one.refused) for one in last.participants] == [
        (name, 1, 0) for name in ("east", "north", "south")
    ]
    assert [(one.round, one.updates) for one in last.history] == [(1, 3)]
