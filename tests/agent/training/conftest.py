"""What tests of a run's way have in common."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.documents import Cluster
from simulations.kafka.cluster import KafkaCluster
from tests.agent.pretend import pretend_control_plane
from tests.agent.training.running.attempts import Bench


@pytest.fixture
def cluster(broker: KafkaCluster) -> Cluster:
    return Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with pretend_control_plane() as made:
        yield Bench(tmp_path, made)
