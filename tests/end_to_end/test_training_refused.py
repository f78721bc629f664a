"""A run that meets a fault of the world: a node that is gone for good, a record on the control topic that is none."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from aiokafka import TopicPartition

from shared.documents import Stage, TrainingRequest
from shared.kafka import consumer, producer
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end import training

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    agents = {"cloud-1": {"tier": "cloud"}, "cloud-2": {"tier": "cloud"}}
    folder = tmp_path_factory.mktemp("refused")
    # A node that tells less often than it may be silent would lose its runs while it is well.
    often = ("--report-interval-s", "0.5")
    with Stack(folder, agents=agents, agent_flags=often, bootstrap_servers=broker.bootstrap_servers) as stack:
        with stack.client() as client:
            client.clusters.put(stack.cluster("cloud"))
        yield stack


async def test_garbage_strangers_and_repetitions_on_the_control_topic_start_one_run_and_stop_nothing(
    stack: Stack, unique: str
) -> None:
    with stack.client() as client:
        training.register(client, unique)
        # Nobody can run it, and so nothing is trained here.
        wanted = msgspec.structs.replace(training.request(unique), selector={"tier": "cloud"}, memory_bytes=2**50)
        stored = training.stored(client, wanted, unique)
        await asyncio.to_thread(training.send, stack, stored, unique, count=60)
        key, value = await last_announced(stack, stored)
        async with producer(stack.cluster("cloud")) as sender:
            for record in ((key, b"no JSON"), (b"\xff\xfe", value), (b"123", value), (key, None), (key, value)):
                await sender.send_and_wait(stored.control_topic, key=record[0], value=record[1])
        await asyncio.to_thread(training.send, stack, stored, f"{unique}-later", count=60)
        found = await asyncio.to_thread(training.runs_of, client, unique, 2)
        for one in found:
            client.runs.cancel(one.id)
    assert len(found) == 2
    assert len({one.stream for one in found}) == 2


async def last_announced(stack: Stack, stored: TrainingRequest) -> tuple[bytes, bytes]:
    async with consumer(stack.cluster("cloud"), group=None) as reader:
        reader.assign([TopicPartition(stored.control_topic, 0)])
        await reader.seek_to_beginning()
        record = await reader.getone()
        return record.key, record.value


def test_a_run_whose_node_vanishes_is_finished_by_another_node(stack: Stack, unique: str) -> None:
    wanted = msgspec.structs.replace(
        training.request(unique, epochs=60, forms=training.TORCH_FORMS), stale_after_s=10.0
    )
    with stack.client() as client:
        training.register_torch(client, unique)
        stored = training.stored(client, wanted, unique)
        training.send(stack, stored, unique)
        (started,) = training.runs_of(client, unique)
        training.at_stage(client, started.id, Stage.FITTING)
        node = client.runs.get(started.id).node
        assert node is not None
        stack.programs[node].kill()
        run = training.finished(client, started.id)
    assert run.node not in (None, node)
    assert run.attempt == 2
    assert len(run.versions) == 1
    assert run.exits == ("edge", "cloud")
