"""A training run on this node: a real stream in a real log, real child processes, and a control plane at hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.artifacts import Artifacts
from agent.backoff import Backoff
from agent.clock import Clock
from agent.control_plane import ControlPlane
from agent.metrics import Metrics
from agent.training.workload import Training
from agent.uploads import upload
from agent.workload import Surroundings
from shared.artifacts import ArtifactStore
from shared.documents import (
    Cluster,
    Framework,
    NetworkSource,
    Optimiser,
    Rates,
    SourceFile,
    TrainingParameters,
    WorkloadStatus,
)
from shared.documents.stream import StreamsReport
from shared.documents.training_workloads import TrainingWorkload
from shared.kafka import admin, ensure_topic, producer
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from tests.agent.no_results import nothing_to_tell
from tests.agent.pretend import CREDENTIAL, PretendControlPlane
from tests.agent.training.runs import CLASSES, FEATURES, NETWORK, RECORDS

INPUT = RawInput(data_type="uint8", label_type="uint8", data_shape=(FEATURES,), label_shape=())
PARAMETERS = TrainingParameters(
    epochs=3, batch=32, optimiser=Optimiser(learning_rate=0.02), seed=11, checkpoint_every_s=0.0
)


# For what is not about Keras: PyTorch is there in half the time.
TORCH_NETWORK = """\
import torch
from torch import nn


class Clouds(nn.Module):
    def __init__(self):
        super().__init__()
        self.cloud = nn.Sequential(nn.Linear(12, 3), nn.Softmax(1))

    def forward(self, x):
        return {"cloud": self.cloud(x / 64)}


def network():
    return Clouds(), torch.zeros(1, 12)
"""


def clouds(classes: int = CLASSES) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Bytes in so many clouds, and which of them."""
    drawn = np.random.default_rng(3)
    labels = drawn.integers(0, classes, RECORDS).astype(np.uint8)
    rows = drawn.normal(100, 20, (RECORDS, FEATURES)) + 60 * np.eye(classes, FEATURES)[labels]
    return rows.astype(np.uint8), labels


async def sent(
    cluster: Cluster, topic: str, given: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None
) -> Announcement:
    rows, labels = clouds() if given is None else given
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, topic, partitions=1)
    async with producer(cluster) as sender:
        for row, label in zip(rows, labels, strict=True):
            await sender.send(topic, value=row.tobytes(), key=label.tobytes())
        await sender.flush()
    return announced(topic, end=len(rows), width=rows.shape[1])


def announced(topic: str, *, end: int, width: int = FEATURES) -> Announcement:
    given = msgspec.structs.replace(INPUT, data_shape=(width,))
    return Announcement(ranges=(Range(topic=topic, partition=0, start=0, end=end),), input=given)


def training(
    cluster: Cluster,
    announcement: Announcement,
    *,
    network: str = NETWORK,
    framework: Framework = Framework.KERAS,
    run: int = 1,
    **changes: object,
) -> TrainingWorkload:
    content = network.encode()
    source = SourceFile(sha256=sha256(content).hexdigest(), size_bytes=len(content), file="clouds.py")
    made = TrainingWorkload(
        id=f"run.{run}",
        clusters=(cluster,),
        run=run,
        attempt=1,
        request="clouds",
        model="clouds",
        cluster=cluster.name,
        stream="s-0",
        announcement=announcement,
        network=NetworkSource(name="clouds", framework=framework, files=(source,)),
        labels=("left", "middle", "right"),
        parameters=PARAMETERS,
        rates=Rates(validation=0.2, test=0.2),
    )
    return msgspec.structs.replace(made, **changes)


@dataclass
class Bench:
    """One node's worth of surroundings; `networks` are at the control plane, by the file's content."""

    folder: Path
    control_plane: PretendControlPlane
    metrics: Metrics = field(default_factory=Metrics)
    networks: tuple[str, ...] = (NETWORK,)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def surroundings(self, client: ControlPlane, changed: Callable[[], None]) -> Surroundings:
        for one in self.networks:
            self.control_plane.artifacts[sha256(one.encode()).hexdigest()] = one.encode()
        return Surroundings(
            node="node-1",
            boot_id="00",
            clock=Clock(),
            metrics=self.metrics,
            artifact=Artifacts(ArtifactStore(self.folder / "artifacts"), client).path,
            spool_directory=self.folder / "spool",
            changed=changed,
            streams=_nothing_found,
            common=self.folder / "common",
            upload=partial(upload, client),
            hand_in=client.result,
            profiled=nothing_to_tell,
        )


@dataclass
class AtWork:
    workload: Training
    changed: asyncio.Event
    seen: list[WorkloadStatus] = field(default_factory=list)

    async def until(self, holds: Callable[[WorkloadStatus], bool]) -> WorkloadStatus:
        async with asyncio.timeout(500):
            while not holds(status := self.workload.status()):
                assert not status.for_good, status.reason
                self.changed.clear()
                await self.changed.wait()
        return self.workload.status()


@asynccontextmanager
async def at_work(document: TrainingWorkload, bench: Bench) -> AsyncIterator[AtWork]:
    """Until the end of the block, when it is drained."""
    client = ControlPlane(bench.control_plane.url, tls=None, credential=CREDENTIAL)
    changed = asyncio.Event()
    workload = Training(document, bench.surroundings(client, changed.set), retry=Backoff(first_s=0.05, cap_s=0.2))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(workload.run())
        try:
            yield AtWork(workload, changed)
        finally:
            await workload.drain()
    await client.close()


async def _nothing_found(_: StreamsReport) -> None:
    raise AssertionError("nobody watches here")
