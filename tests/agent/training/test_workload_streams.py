"""What may be wrong with a stream: found by the real reader or the real trainer, one clear line, a final state."""

import os
from functools import partial

import msgspec
import numpy as np
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from agent.training.reading.shelf import Shelf
from shared.documents import (
    ArtifactFormat,
    Cluster,
    Export,
    ExportForm,
    Framework,
    Optimiser,
    OptimiserName,
    Phase,
    Stage,
    WorkloadStatus,
)
from shared.documents.training_workloads import TrainingWorkload
from shared.kafka import admin
from tests.agent.training.running.attempts import (
    PARAMETERS,
    TORCH_NETWORK,
    Bench,
    announced,
    at_work,
    clouds,
    sent,
    training,
)
from tests.agent.training.runs import RECORDS
from tests.end_to_end.small_disk import small_disk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EXPORT = Export(forms=(ExportForm(format=ArtifactFormat.TORCH),))
of_torch = partial(training, network=TORCH_NETWORK, framework=Framework.TORCH, export=EXPORT)


async def refused(bench: Bench, document: TrainingWorkload, *networks: str) -> str:
    """The reason with which it failed for good."""
    bench.networks = (*networks, TORCH_NETWORK)
    async with at_work(document, bench) as work:
        status = await work.until(lambda one: one.phase in (Phase.FINISHED, Phase.FAILED))
    assert status.phase is Phase.FAILED
    assert status.training is not None
    assert status.training.stage is Stage.FAILED
    assert "\n" not in status.reason
    return status.reason


async def test_where_only_records_without_labels_go_on_the_labelled_ones_are_learnt_and_it_says_so(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    """As Kafka-ML's online sinks announce it when they are given a topic for records without labels."""
    announcement = msgspec.structs.replace(await sent(cluster, unique), unlabelled_open_topic=f"{unique}.rest")
    bench.networks = (TORCH_NETWORK,)
    async with at_work(of_torch(cluster, announcement), bench) as work:
        status = await work.until(lambda one: one.phase in (Phase.FINISHED, Phase.FAILED))
    assert status.phase is Phase.FINISHED, status.reason
    assert status.training is not None
    assert any(f"topic '{unique}.rest': nothing is learnt from those" in one for one in status.training.notices)


@pytest.mark.parametrize(
    ("before", "said"), [(10, "has expired up to 10: training on what is left"), (RECORDS, "has expired: the log")]
)
async def test_what_has_expired_whole_or_in_part_is_not_trained_on(
    bench: Bench, cluster: Cluster, unique: str, before: int, said: str
) -> None:
    announcement = await sent(cluster, unique)
    async with admin(cluster) as client:
        await client.delete_records({TopicPartition(unique, 0): RecordsToDelete(before_offset=before)})
    assert said in await refused(bench, of_torch(cluster, announcement))


async def test_records_of_another_shape_than_announced_are_said_with_the_shape(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    await sent(cluster, unique)
    reason = await refused(bench, of_torch(cluster, announced(unique, end=RECORDS, width=11)))
    assert f"{RECORDS} of {RECORDS} records cannot be read, more than 1.00%" in reason


async def test_records_that_the_network_does_not_take_are_said_with_both_shapes(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    wider = TORCH_NETWORK.replace("12", "14")
    document = training(cluster, await sent(cluster, unique), network=wider, framework=Framework.TORCH, export=EXPORT)
    assert "takes [14] and the stream's records are [12]" in await refused(bench, document, wider)


async def test_what_cannot_be_exported_is_said_before_it_is_trained(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    parameters = msgspec.structs.replace(PARAMETERS, epochs=10_000)
    document = training(
        cluster, await sent(cluster, unique), network=TORCH_NETWORK, framework=Framework.TORCH, parameters=parameters
    )
    reason = await refused(bench, document)
    assert "cannot be exported as tflite float32: choose among torch float32" in reason


async def test_a_label_that_is_no_class_is_said_with_its_row(bench: Bench, cluster: Cluster, unique: str) -> None:
    rows, labels = clouds()
    labels[7] = 3
    reason = await refused(bench, of_torch(cluster, await sent(cluster, unique, (rows, labels))))
    assert "row 7" in reason
    assert "3" in reason


async def test_a_stream_without_records_is_said_to_have_none(bench: Bench, cluster: Cluster, unique: str) -> None:
    await sent(cluster, unique)
    reason = await refused(bench, of_torch(cluster, announced(unique, end=0)))
    assert "no record is left for training" in reason


async def test_a_loss_that_is_no_number_is_said_with_its_place(bench: Bench, cluster: Cluster, unique: str) -> None:
    diverging = TORCH_NETWORK.replace("x / 64", "x ** 9").replace("nn.Softmax(1)", "nn.BatchNorm1d(3), nn.Softmax(1)")
    wild = msgspec.structs.replace(PARAMETERS, optimiser=Optimiser(name=OptimiserName.SGD, learning_rate=10.0))
    document = training(
        cluster,
        await sent(cluster, unique),
        network=diverging,
        framework=Framework.TORCH,
        export=EXPORT,
        parameters=wild,
    )
    assert "in epoch 1, step " in await refused(bench, document, diverging)


async def test_a_disk_that_fills_while_a_stream_is_shelved_is_waited_for_and_nothing_is_lost(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    rows = np.random.default_rng(4).integers(0, 255, (400, 10_000), np.uint8)
    document = of_torch(cluster, await sent(cluster, unique, (rows, rows[:, 0] % 3)))
    bench.networks = (TORCH_NETWORK,)
    common = bench.folder / "common"
    with small_disk(common, size="16m") as disk:
        with disk.full(os.getpid(), leaving=3 * 2**20):
            async with at_work(document, bench) as work:
                status = await work.until(lambda one: "trying again" in one.reason)
                assert is_in_the_midst_of_reading(status)
                assert "free some space there" in status.reason
        async with at_work(document, bench) as work:
            await work.until(lambda one: one.training is not None and one.training.stage is Stage.LOADING)
            (shelf,) = (common / "shelves").iterdir()
            assert (Shelf.open(shelf).inputs[:] == rows).all()


def is_in_the_midst_of_reading(status: WorkloadStatus) -> bool:
    progress = status.training
    return status.phase is Phase.RUNNING and progress is not None and progress.stage is Stage.READING
