"""What tests of a site's part have in common."""

import pytest

from shared.documents import Cluster
from simulations.kafka.cluster import KafkaCluster


@pytest.fixture
def cluster(broker: KafkaCluster) -> Cluster:
    return Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))
