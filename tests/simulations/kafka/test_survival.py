"""What Kafka and its launcher promise when something is killed."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from simulations.kafka.cluster import KafkaCluster
from simulations.programs import ProcessId, await_condition

OWNER = """
import sys
from simulations.kafka.cluster import KafkaCluster
with KafkaCluster() as kafka:
    print(kafka.pid(1), flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_broker_outlives_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    with owner:
        assert owner.stdout
        broker = ProcessId.of(int(owner.stdout.readline()))
        assert broker
        owner.send_signal(number)
    assert await_condition(lambda: not broker.is_alive, deadline_s=30)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_one_of_three_nodes_may_die_and_no_acknowledged_record_is_lost(unique: str) -> None:
    async with KafkaCluster(nodes=3) as cluster:
        await create_topic(cluster, unique)
        stop = asyncio.Event()
        sending = asyncio.create_task(send_until(stop, cluster.bootstrap_servers, unique))
        await asyncio.sleep(1)
        cluster.kill(1)
        await asyncio.to_thread(cluster.wait_for_topic_leaders, unique, in_sync=2)
        await asyncio.to_thread(cluster.start, 1)
        await asyncio.to_thread(cluster.wait_for_topic_leaders, unique, in_sync=3)
        await asyncio.to_thread(cluster.stop, 2)
        stop.set()
        acknowledged = await sending
        await asyncio.to_thread(cluster.wait_for_topic_leaders, unique, in_sync=2)
        assert await read_all(cluster.bootstrap_servers, unique) == acknowledged


async def create_topic(cluster: KafkaCluster, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=3, replication_factor=3)])
    await admin.close()
    await asyncio.to_thread(cluster.wait_for_topic_leaders, topic, in_sync=3)


async def send_until(stop: asyncio.Event, bootstrap_servers: str, topic: str) -> list[int]:
    """The numbers that were acknowledged by all replicas in sync."""
    acknowledged: list[int] = []
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, enable_idempotence=True) as producer:
        while not stop.is_set():
            await producer.send_and_wait(topic, str(len(acknowledged)).encode())
            acknowledged.append(len(acknowledged))
    return acknowledged


async def read_all(bootstrap_servers: str, topic: str) -> list[int]:
    partitions = [TopicPartition(topic, number) for number in range(3)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    async with consumer:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        values: list[int] = []
        while len(values) < sum(ends.values()):
            batch = await consumer.getmany(timeout_ms=1000)
            values += [int(record.value) for records in batch.values() for record in records]
    return sorted(values)
