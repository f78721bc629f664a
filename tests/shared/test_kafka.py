import asyncio
import gc
import time

import pytest
from aiokafka import errors as kafka

from shared.documents import Cluster, Sasl, SaslMechanism, SecurityProtocol, Tls, TopicDefaults
from shared.errors import ClusterError, SettingsError
from shared.kafka import (
    ClusterRefusedError,
    FencedError,
    admin,
    cluster_error,
    cluster_id,
    connect,
    consumer,
    ensure_topic,
    producer,
    stop_within,
)
from shared.kafka.security import security_settings
from simulations.kafka.cluster import KafkaCluster


def _cluster(broker: KafkaCluster, *, create: bool = True) -> Cluster:
    servers = tuple(broker.bootstrap_servers.split(","))
    return Cluster(name="edge", bootstrap_servers=servers, topics=TopicDefaults(create=create))


async def test_a_missing_topic_is_made_with_the_wanted_partitions(broker: KafkaCluster, unique: str) -> None:
    cluster = _cluster(broker)
    async with admin(cluster) as client:
        assert await ensure_topic(client, cluster, unique, partitions=3) == 3


async def test_an_existing_topic_is_never_altered(broker: KafkaCluster, unique: str) -> None:
    cluster = _cluster(broker)
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, unique, partitions=2)
        assert await ensure_topic(client, cluster, unique, partitions=5) == 2


async def test_two_agents_that_make_one_topic_at_once_both_get_it(broker: KafkaCluster, unique: str) -> None:
    cluster = _cluster(broker)
    async with admin(cluster) as one, admin(cluster) as other:
        both = await asyncio.gather(
            ensure_topic(one, cluster, unique, partitions=4), ensure_topic(other, cluster, unique, partitions=4)
        )
    assert list(both) == [4, 4]


async def test_a_topic_missing_where_none_may_be_made_says_the_remedy(broker: KafkaCluster, unique: str) -> None:
    cluster = _cluster(broker, create=False)
    async with admin(cluster) as client:
        with pytest.raises(ClusterRefusedError, match="make it, or set"):
            await ensure_topic(client, cluster, unique)
        assert unique not in await client.list_topics(), "asking for a topic must not make it"


async def test_a_cluster_has_one_id_whoever_asks(broker: KafkaCluster) -> None:
    cluster = _cluster(broker)
    async with admin(cluster) as one, admin(cluster) as other:
        assert await cluster_id(one) == await cluster_id(other) != "None"


async def test_an_unreachable_cluster_is_a_retriable_error_with_its_name() -> None:
    nowhere = Cluster(name="fog", bootstrap_servers=("127.0.0.1:1",))
    with pytest.raises(ClusterError, match="cluster 'fog'") as raised:
        async with admin(nowhere):
            pass
    assert raised.value.retriable


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (kafka.KafkaConnectionError(), ClusterError),
        (kafka.NotLeaderForPartitionError(), ClusterError),
        (kafka.UnknownProducerId(), ClusterError),
        (TimeoutError(), ClusterError),
        (kafka.TopicAuthorizationFailedError(), ClusterRefusedError),
        (kafka.AuthenticationFailedError(), ClusterRefusedError),
        (kafka.InvalidReplicationFactorError(), ClusterRefusedError),
        (kafka.ProducerFenced(), FencedError),
        (kafka.InvalidProducerEpoch(), FencedError),
    ],
)
def test_each_foreign_error_becomes_one_of_ours(error: BaseException, kind: type[ClusterError]) -> None:
    ours = cluster_error("edge", error)
    assert type(ours) is kind
    assert ours.retriable is (kind is not ClusterRefusedError)


def test_a_compression_that_is_not_installed_says_what_to_install() -> None:
    assert "needs the Python package `cramjam`" in str(cluster_error("edge", kafka.UnsupportedCodecError("zstd")))


def test_sasl_reaches_the_client() -> None:
    cluster = Cluster(
        name="cloud",
        bootstrap_servers=("kafka:9092",),
        security_protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl=Sasl(mechanism=SaslMechanism.SCRAM_SHA_256, username="fogline", password="secret"),
    )
    assert security_settings(cluster) == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "fogline",
        "sasl_plain_password": "secret",
    }


def test_tls_without_an_authority_trusts_the_machine_and_checks_the_host() -> None:
    cluster = Cluster(name="cloud", bootstrap_servers=("kafka:9093",), security_protocol=SecurityProtocol.SSL)
    assert security_settings(cluster)["ssl_context"].check_hostname


@pytest.mark.parametrize("tls", [Tls(ca="not a certificate"), Tls(certificate="none", private_key="none")])
def test_a_certificate_that_is_none_is_a_settings_error(tls: Tls) -> None:
    cluster = Cluster(name="cloud", bootstrap_servers=("kafka:9093",), security_protocol=SecurityProtocol.SSL, tls=tls)
    with pytest.raises(SettingsError, match="cluster 'cloud'"):
        security_settings(cluster)


async def test_a_record_of_a_machine_a_day_ahead_is_taken_unless_the_topic_keeps_its_senders_time(
    broker: KafkaCluster, unique: str
) -> None:
    cluster, tomorrow_ms = _cluster(broker), int((time.time() + 86_400) * 1000)
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, unique)
        await ensure_topic(client, cluster, f"{unique}-input", keeps_senders_time=True)
    async with producer(cluster) as sender:
        taken = await sender.send_and_wait(unique, b"1", timestamp_ms=tomorrow_ms)
        assert taken.timestamp < tomorrow_ms
    async with producer(cluster) as sender:
        with pytest.raises(kafka.InvalidTimestampError) as refused:
            await sender.send_and_wait(f"{unique}-input", b"1", timestamp_ms=tomorrow_ms)
    assert "set this machine's clock" in str(cluster_error("edge", refused.value))


async def test_a_producer_whose_broker_went_away_stops_within_its_time(unique: str) -> None:
    """And leaves no task behind: of one that waits for ever asyncio complains when it is collected."""
    with KafkaCluster() as own:
        cluster = _cluster(own)
        async with admin(cluster) as client:
            await ensure_topic(client, cluster, unique)
        sender = producer(cluster)
        await sender.start()
        await sender.send_and_wait(unique, b"1")
        own.kill(1)
        await sender.send(unique, b"2")
        async with asyncio.timeout(30):  # without a time of its own it would wait for ever
            await stop_within(sender, 0.5)
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_client_that_is_cancelled_while_it_connects_leaves_nothing_open(broker: KafkaCluster) -> None:
    """At whatever moment; what is left open complains when it is collected, and that fails the test."""
    for moment in range(40):
        client = consumer(_cluster(broker), group=None)
        connecting = asyncio.create_task(connect(client))
        await asyncio.sleep(0.0005 * moment)
        connecting.cancel()
        await asyncio.wait([connecting])
        await stop_within(client, 5)
    gc.collect()
