"""What a cluster has: its id, and the topics a deployment needs."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.documents import Cluster
from shared.errors import ClusterError
from shared.kafka.errors import ClusterRefusedError, cluster_error

LEADER_TIMEOUT_S = 15.0
# What Kafka's own operators take: one may be down for upkeep while another dies.
MOST_REPLICAS = 3
_POLL_S = 0.02


async def cluster_id(client: AIOKafkaAdminClient) -> str:
    """The id a cluster was formatted with. `client` comes from `admin`."""
    description = await client.describe_cluster()
    return str(description["cluster_id"])


async def ensure_topic(
    client: AIOKafkaAdminClient,
    cluster: Cluster,
    name: str,
    *,
    partitions: int | None = None,
    keeps_senders_time: bool = False,
    settings: Mapping[str, str] | None = None,
) -> int:
    """The topic's number of partitions, once each has a leader; made if missing, with `settings`, never altered.

    A record's timestamp is when the broker took it, unless the topic `keeps_senders_time`. Since version 4.0 Kafka
    refuses a sender's time that is more than an hour ahead of its own: what agents send must not depend on their
    clocks, and needs no second time beside the one in its header.

    Raises ClusterRefusedError when it is missing and `cluster.topics.create` is off, or the cluster refuses to make
    it; ClusterError when its leaders do not come.
    """
    found = await _describe(client, name)
    if found is None:
        if not cluster.topics.create:
            raise ClusterRefusedError(
                f"cluster {cluster.name!r} has no topic {name!r} and none may be made there: "
                f"make it, or set `topics.create` of the cluster"
            )
        stamped_by = "CreateTime" if keeps_senders_time else "LogAppendTime"
        whole = {"message.timestamp.type": stamped_by, **(settings or {})}
        await _create(client, cluster, name, partitions or cluster.topics.partitions, whole)
    return await _await_leaders(client, cluster.name, name)


async def _create(
    client: AIOKafkaAdminClient, cluster: Cluster, name: str, partitions: int, settings: Mapping[str, str]
) -> None:
    replicas = cluster.topics.replication_factor or await _replicas(client)
    topic = NewTopic(name, partitions, replicas, topic_configs=dict(settings))
    response = await client.create_topics([topic])
    for _, code, *message in response.topic_errors:
        error = for_code(code)
        # Another agent was quicker: never altered when it exists.
        if code != 0 and error is not TopicAlreadyExistsError:
            text = f"topic {name!r} cannot be made: {error.__name__}: {message[0] if message else ''}"
            raise cluster_error(cluster.name, error(text))


async def _replicas(client: AIOKafkaAdminClient) -> int:
    """The cluster's own default (KIP-464: a factor of -1) needs a later request than aiokafka 0.14 sends."""
    description = await client.describe_cluster()
    return min(MOST_REPLICAS, len(description["brokers"]))


async def _await_leaders(client: AIOKafkaAdminClient, cluster: str, name: str) -> int:
    try:
        async with asyncio.timeout(LEADER_TIMEOUT_S):
            # A broker tells nobody when a leader is elected; it can only be asked again.
            while (found := await _describe(client, name)) is None or not _is_led(found):  # noqa: ASYNC110
                await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        raise ClusterError(f"cluster {cluster!r}: topic {name!r} has no leader for every partition") from error
    return len(found["partitions"])


async def _describe(client: AIOKafkaAdminClient, name: str) -> dict[str, Any] | None:
    """Asks for all topics: asking for one by name would make it, with a broker's default settings."""
    return next((topic for topic in await client.describe_topics() if topic["topic"] == name), None)


def _is_led(topic: dict[str, Any]) -> bool:
    partitions = topic["partitions"]
    return topic["error_code"] == 0 and bool(partitions) and all(one["leader"] >= 0 for one in partitions)
