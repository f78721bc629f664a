"""One real node: it serves as soon as it is open, and it leaves nothing behind."""

import socket

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.errors import PortTakenError


async def test_a_record_comes_back_through_a_group(broker: KafkaCluster, unique: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers) as producer:
        await producer.send_and_wait(unique, b"value", headers=[("name", b"content")])
    consumer = AIOKafkaConsumer(
        unique, bootstrap_servers=broker.bootstrap_servers, group_id=unique, auto_offset_reset="earliest"
    )
    async with consumer:
        record = await consumer.getone()
        await consumer.commit()
    assert record.value == b"value"
    assert record.headers == (("name", b"content"),)


async def test_a_transaction_commits_at_once(broker: KafkaCluster, unique: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, transactional_id=unique)
    async with producer, producer.transaction():
        metadata = await producer.send_and_wait(unique, b"value")
    assert metadata.offset == 0


def test_a_taken_port_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} is taken"):
            KafkaCluster(ports=[port]).open()
