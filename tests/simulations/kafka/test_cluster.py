"""One real node: it serves as soon as it is open, it fails with a reason, and it leaves nothing behind."""

import asyncio
import random
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from simulations.kafka import ports
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.errors import BrokerFailedError, DataDirectoryError, PortTakenError


def port_of(cluster: KafkaCluster) -> int:
    return int(cluster.bootstrap_servers.rpartition(":")[2])


async def produce(bootstrap_servers: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
        await producer.send_and_wait(topic, value, headers=[("name", b"content")])


async def first_value(bootstrap_servers: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap_servers, group_id=topic, auto_offset_reset="earliest"
    )
    async with consumer:
        record = await consumer.getone()
        await consumer.commit()
    return bytes(record.value)


async def test_a_record_comes_back_through_a_group(broker: KafkaCluster, unique: str) -> None:
    await produce(broker.bootstrap_servers, unique, b"value")
    assert await first_value(broker.bootstrap_servers, unique) == b"value"


async def test_a_transaction_commits_at_once(broker: KafkaCluster, unique: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, transactional_id=unique)
    async with producer, producer.transaction():
        metadata = await producer.send_and_wait(unique, b"value")
    assert metadata.offset == 0


def test_a_taken_port_is_named(broker: KafkaCluster) -> None:
    with pytest.raises(PortTakenError, match=f"port {port_of(broker)} is taken"):
        KafkaCluster(ports=[port_of(broker)]).open()


@pytest.mark.slow
def test_a_port_taken_at_the_last_moment_is_named_too(broker: KafkaCluster) -> None:
    client, controller = ports.free(2, random.Random())
    late = {
        "listeners": f"PLAINTEXT://127.0.0.1:{port_of(broker)},CONTROLLER://127.0.0.1:{controller}",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
    }
    with pytest.raises(PortTakenError, match=f"port {port_of(broker)} is taken"):
        KafkaCluster(ports=[client], extra=late).open()


def test_settings_that_kafka_refuses_come_back_with_its_reason() -> None:
    with pytest.raises(BrokerFailedError, match=r"could not be formatted(.|\n)*log\.retention\.bytes"):
        KafkaCluster(extra={"log.retention.bytes": "many"}).open()


@pytest.mark.slow
def test_a_broker_that_dies_at_its_start_says_why() -> None:
    with pytest.raises(BrokerFailedError, match=r"broker 1 ended with code 1(.|\n)*no\.such\.Reporter"):
        KafkaCluster(extra={"metric.reporters": "no.such.Reporter"}).open()


def test_ports_must_be_as_many_as_nodes() -> None:
    with pytest.raises(ValueError, match="3 nodes need 3 ports"):
        KafkaCluster(nodes=3, ports=[9092])


def test_a_data_directory_of_another_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "node-1").mkdir()
    with pytest.raises(DataDirectoryError, match="cluster of 1 nodes"):
        KafkaCluster(nodes=3, data_dir=tmp_path).open()


def test_a_data_directory_with_a_comma_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryError, match="comma"):
        KafkaCluster(data_dir=tmp_path / "a,b").open()


@pytest.mark.slow
async def test_data_is_kept_across_a_restart_on_other_ports(tmp_path: Path, unique: str) -> None:
    data = tmp_path / "naïve data"  # Java reads settings as Latin-1, and blanks matter to it
    async with KafkaCluster(data_dir=data) as before:
        await produce(before.bootstrap_servers, unique, b"kept")
        assert before.log(1).is_relative_to(data)
        servers = before.bootstrap_servers
    async with KafkaCluster(data_dir=data) as after:
        assert after.bootstrap_servers != servers
        assert await first_value(after.bootstrap_servers, unique) == b"kept"


@pytest.mark.slow
async def test_a_killed_node_comes_back_on_its_port_with_its_data(unique: str) -> None:
    async with KafkaCluster() as cluster:
        servers = cluster.bootstrap_servers
        await produce(servers, unique, b"kept")
        cluster.kill(1)
        assert cluster.running == ()
        assert ports.is_free(port_of(cluster))
        await asyncio.to_thread(cluster.start, 1)
        assert cluster.bootstrap_servers == servers
        assert await first_value(servers, unique) == b"kept"
        cluster.suspend(1)
        with pytest.raises(TimeoutError):
            cluster.wait_for_topic_leaders(unique, timeout_s=1)
        cluster.resume(1)
        cluster.wait_for_topic_leaders(unique)
    assert ports.is_free(int(servers.rpartition(":")[2]))


async def starting(cluster: KafkaCluster) -> asyncio.Task[KafkaCluster]:
    """A start that has a process by now."""
    start = asyncio.create_task(cluster.__aenter__())
    while not cluster.running:  # noqa: ASYNC110 - a thread starts it
        await asyncio.sleep(0)
    return start


@pytest.mark.slow
async def test_a_cancelled_start_leaves_nothing_and_waits_for_nothing() -> None:
    cluster = KafkaCluster()
    start = await starting(cluster)
    cluster.suspend(1)  # so that it never serves
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await start
    assert cluster.running == ()


@pytest.mark.slow
async def test_a_start_that_is_cancelled_when_it_is_through_leaves_nothing() -> None:
    cluster = KafkaCluster()
    start = await starting(cluster)
    # The loop stands still meanwhile, so that the task hears of nothing. The cluster does one thing after the other:
    # by the first answer its own wait is in the row, and by the second that is over.
    for _ in range(2):
        cluster.wait_for_topic_leaders()
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert cluster.running == ()
