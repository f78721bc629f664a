"""Every way in that a cluster document can name lets in whom it should, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import msgspec
import psutil
import pytest

from shared import kafka
from shared.documents import Cluster, Sasl, SaslMechanism, SecurityProtocol, Tls
from shared.errors import ClusterError
from simulations.kafka import certificates
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.security import PROTOCOLS, Protocol, Security
from simulations.programs import await_condition

USER, PASSWORD = "ada", 'a "quoted\\" secret'
WAYS_IN: list[tuple[Protocol, str | None]] = [
    ("SASL_PLAINTEXT", "PLAIN"),
    ("SASL_PLAINTEXT", "SCRAM-SHA-256"),
    ("SASL_PLAINTEXT", "SCRAM-SHA-512"),
    ("SASL_SSL", "PLAIN"),
    ("SASL_SSL", "SCRAM-SHA-512"),
    ("SSL", None),
]


@pytest.fixture(scope="module")
def security() -> Security:
    return Security(username=USER, password=PASSWORD, certificates=certificates.make())


@pytest.fixture(scope="module")
def broker(security: Security) -> Iterator[KafkaCluster]:
    with KafkaCluster(security=security) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
async def connections_are_closed(broker: KafkaCluster) -> AsyncIterator[None]:
    """aiokafka does not wait for the end of a TLS connection; a loop that ends before it leaves a warning behind."""
    yield
    ours = {
        int(address.rpartition(":")[2])
        for way in PROTOCOLS
        for address in broker.secure_bootstrap_servers(way).split(",")
    }
    assert await asyncio.to_thread(await_condition, lambda: not connected_to(ours), deadline_s=60)


def connected_to(ports: set[int]) -> bool:
    return any(one.raddr and one.raddr.port in ports for one in psutil.Process().net_connections("tcp"))


def document(broker: KafkaCluster, security: Security, protocol: Protocol, mechanism: str | None) -> Cluster:
    client = security.certificates.client
    return Cluster(
        name="secure",
        bootstrap_servers=tuple(broker.secure_bootstrap_servers(protocol).split(",")),
        security_protocol=SecurityProtocol(protocol),
        sasl=Sasl(mechanism=SaslMechanism(mechanism), username=USER, password=PASSWORD) if mechanism else None,
        tls=Tls(ca=security.certificates.ca, certificate=client.certificate, private_key=client.private_key),
    )


async def round_trip(cluster: Cluster, topic: str) -> bytes:
    async with kafka.producer(cluster) as producer:
        await producer.send_and_wait(topic, b"value")
    consumer = kafka.consumer(cluster, group=topic)
    consumer.subscribe([topic])
    async with consumer:
        return bytes((await consumer.getone()).value)


@pytest.mark.slow
@pytest.mark.parametrize(("protocol", "mechanism"), WAYS_IN)
async def test_each_way_in_serves_every_client(
    broker: KafkaCluster, security: Security, unique: str, protocol: Protocol, mechanism: str | None
) -> None:
    cluster = document(broker, security, protocol, mechanism)
    async with kafka.admin(cluster) as admin:
        assert len((await admin.describe_cluster())["brokers"]) == 1
    assert await round_trip(cluster, unique) == b"value"


@pytest.mark.slow
@pytest.mark.parametrize(("protocol", "mechanism"), WAYS_IN[:-1])
async def test_a_wrong_password_opens_nothing(
    broker: KafkaCluster, security: Security, protocol: Protocol, mechanism: str
) -> None:
    cluster = document(broker, security, protocol, mechanism)
    wrong = Sasl(mechanism=SaslMechanism(mechanism), username=USER, password="wrong")
    with pytest.raises(ClusterError):
        async with kafka.admin(msgspec.structs.replace(cluster, sasl=wrong)):
            pass


@pytest.mark.slow
async def test_a_client_without_a_certificate_is_not_let_in(broker: KafkaCluster, security: Security) -> None:
    cluster = document(broker, security, "SSL", None)
    with pytest.raises(ClusterError):
        async with kafka.admin(msgspec.structs.replace(cluster, tls=Tls(ca=security.certificates.ca))):
            pass


@pytest.mark.slow
async def test_a_broker_of_an_unknown_authority_is_not_trusted(broker: KafkaCluster, security: Security) -> None:
    cluster = document(broker, security, "SASL_SSL", "PLAIN")
    with pytest.raises(ClusterError):
        async with kafka.admin(msgspec.structs.replace(cluster, tls=Tls())):
            pass
