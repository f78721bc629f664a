"""One to three inference workloads in this process, on real brokers, and what goes in and comes out."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from agent.artifacts import Wanted
from agent.clock import Clock
from agent.inference.workload import Inference
from agent.metrics import Metrics
from agent.traces import Traces
from agent.workload import Surroundings
from shared.documents import (
    Cluster,
    Delivery,
    ExitPolicy,
    FeaturesEncoding,
    InferenceWorkload,
    LoadedVersion,
    Phase,
    Uplink,
    Upper,
)
from shared.documents.stream import StreamsReport
from shared.kafka import admin, consumer, ensure_topic, producer
from shared.record.prediction import Prediction, decode_prediction
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import TIERS, Arithmetic, ArithmeticBackend, loaded_version
from tests.agent.no_results import nothing_to_hand_in, nothing_to_tell, nothing_to_upload


def cluster_of(broker: KafkaCluster, name: str = "here") -> Cluster:
    return Cluster(name=name, bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


@dataclass(slots=True)
class Networks:
    """The files of a node: an `Arithmetic` for each digit of a digest."""

    directory: Path
    count: int = 0

    def add(self, network: Arithmetic) -> LoadedVersion:
        digit = f"{self.count:x}"
        self.count += 1
        (self.directory / digit).write_bytes(msgspec.json.encode(network))
        return loaded_version(network.tier, network.version, digit)

    def forget(self) -> None:
        """From now on a reload fails."""
        for file in self.directory.iterdir():
            if file.is_file():
                file.unlink()

    async def path(self, artifact: Wanted) -> Path:
        return self.directory / artifact.sha256[0]


@dataclass(slots=True)
class Node:
    """A workload that runs, and a bell that rings when its status may have changed."""

    workload: Inference
    metrics: Metrics
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None

    async def until_running(self) -> None:
        while self.workload.status().phase is not Phase.RUNNING:
            assert self.task is None or not self.task.done(), self.task
            await self.ring()

    async def ring(self, timeout_s: float = 0.2) -> None:
        self.changed.clear()
        try:
            async with asyncio.timeout(timeout_s):
                await self.changed.wait()
        except TimeoutError:
            return


def document(
    tier: str,
    versions: Sequence[LoadedVersion],
    clusters: Mapping[str, Cluster],
    prefix: str,
    *,
    upper: str | None = None,
    uplink: Uplink | None = None,
    partitions: int = 1,
    threshold: float = 0.8,
    delivery: Delivery = Delivery.AT_LEAST_ONCE,
) -> InferenceWorkload:
    """A tier of the deployment `prefix`; `clusters` maps tiers to their clusters."""
    return InferenceWorkload(
        id=f"{prefix}.{tier}",
        deployment=prefix,
        tier=tier,
        is_first_tier=tier == TIERS[0],
        versions=tuple(versions),
        clusters=tuple({one.name: one for one in clusters.values()}.values()),
        input_cluster=clusters[tier].name,
        input_topic=f"{prefix}.{tier}",
        output_cluster=clusters[tier].name,
        answers_topic=f"{prefix}.answers",
        dead_letter_topic=f"{prefix}.dead",
        group=f"{prefix}.{tier}",
        exit=ExitPolicy(threshold=threshold),
        upper=None
        if upper is None
        else Upper(
            tier=upper,
            cluster=clusters[upper].name,
            topic=f"{prefix}.{upper}",
            features=FeaturesEncoding.RAW,
            uplink=uplink or Uplink(),
        ),
        partitions=partitions,
        delivery=delivery,
    )


async def _nothing_announced(_: StreamsReport) -> None:
    raise AssertionError("inference reports no streams")


@asynccontextmanager
async def running(
    document: InferenceWorkload,
    networks: Networks,
    *,
    node: str = "node-1",
    spool: Path | None = None,
    traces: Traces | None = None,
) -> AsyncIterator[Node]:
    """Until the end of the block, when it is drained."""
    changed = asyncio.Event()
    metrics = Metrics()
    surroundings = Surroundings(
        node=node,
        boot_id="00",
        clock=Clock(),
        metrics=metrics,
        artifact=networks.path,
        spool_directory=spool or networks.directory / f"spool-{document.tier}-{node}",
        changed=changed.set,
        streams=_nothing_announced,
        common=networks.directory / f"common-{node}",
        upload=nothing_to_upload,
        hand_in=nothing_to_hand_in,
        profiled=nothing_to_tell,
        traces=traces,
    )
    workload = Inference(document, surroundings, choose=lambda *_: ArithmeticBackend())
    one = Node(workload, metrics, changed)
    async with asyncio.TaskGroup() as tasks:
        one.task = tasks.create_task(workload.run())
        yield one
        await workload.drain()


@dataclass(frozen=True, slots=True)
class Seen:
    """One record read from a topic."""

    key: bytes | None
    value: bytes
    headers: dict[str, bytes]
    partition: int
    offset: int

    @property
    def prediction(self) -> Prediction:
        return decode_prediction(self.value)


async def produce(cluster: Cluster, topic: str, records: Iterable[bytes], **settings: Any) -> list[int]:  # noqa: ANN401
    """Sends the values and returns their offsets once all are acknowledged."""
    sender = producer(cluster)
    await sender.start()
    try:
        futures = [await sender.send(topic, value, **settings) for value in records]
        return [(await future).offset for future in futures]
    finally:
        await sender.stop()


async def make_topics(cluster: Cluster, *topics: str, partitions: int = 1) -> None:
    async with admin(cluster) as client:
        for topic in topics:
            await ensure_topic(client, cluster, topic, partitions=partitions)


@asynccontextmanager
async def reading(cluster: Cluster, topic: str, *, committed: bool = False) -> AsyncIterator["Reader"]:
    await make_topics(cluster, topic)
    reader = consumer(cluster, group=None, read_committed=committed)
    reader.subscribe([topic])
    await reader.start()
    try:
        yield Reader(reader)
    finally:
        await reader.stop()


class Reader:
    def __init__(self, reader: Any) -> None:  # noqa: ANN401 - aiokafka ships no types
        self._reader = reader
        self.seen: list[Seen] = []

    async def until(self, count: int, *, timeout_s: float = 30.0) -> list[Seen]:
        """Everything read so far once it is at least `count` records."""
        async with asyncio.timeout(timeout_s):
            while len(self.seen) < count:
                await self._poll(200)
        return self.seen

    async def until_ids(self, count: int, *, timeout_s: float = 40.0) -> set[str]:
        """The ids of all predictions, once so many different ones were read."""
        ids: set[str] = set()
        async with asyncio.timeout(timeout_s):
            while len(ids) < count:
                await self._poll(200)
                ids = {one.prediction.id for one in self.seen}
        return ids

    async def rest(self, quiet_ms: int = 500) -> list[Seen]:
        """Everything, once nothing more has come for so long."""
        while await self._poll(quiet_ms):
            pass
        return self.seen

    async def _poll(self, timeout_ms: int) -> int:
        found = await self._reader.getmany(timeout_ms=timeout_ms)
        fresh = [
            Seen(one.key, one.value, dict(one.headers), one.partition, one.offset)
            for records in found.values()
            for one in records
        ]
        self.seen += fresh
        return len(fresh)
