"""Whether a broker is there is asked of a client that says nothing of it."""

import pytest

from agent.federation.wire.reaching import reached
from shared.documents import Cluster
from shared.errors import ClusterError
from shared.kafka import consumer, stop_within
from simulations.kafka.cluster import KafkaCluster


async def test_a_client_without_a_connection_is_told_of_after_a_while(broker: KafkaCluster, unique: str) -> None:
    cluster = Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))
    client = consumer(cluster, group=None)
    with pytest.raises(ClusterError, match="cluster 'here': no broker is connected"):
        await reached(client, "here", patience_s=0.1)
    await client.start()
    await client.topics()
    await reached(client, "here", patience_s=0.0)
    await stop_within(client, 5.0)
