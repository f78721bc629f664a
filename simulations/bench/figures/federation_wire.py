"""What it costs to send a model as a federation does: up as an update, back as a global model, beside bare messages.

60 MB of float32 weights. Ours: chunks of half a mebibyte one after the other, a signed manifest, on the other side a
file, the digest and the tensors; back in transactions, found again as a participant finds the newest model. Bare:
messages of the same size, sent and read twice, which nobody looks at.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from numpy.typing import NDArray

from agent.federation.coordinator.intake import Intake
from agent.federation.coordinator.topics import Topics, ensure
from agent.federation.wire.chunks import CHUNK_BYTES, chunks_of
from agent.federation.wire.manifests import GlobalManifest, UpdateManifest, global_manifest
from agent.federation.wire.manifests import to_bytes as manifest_bytes
from agent.federation.wire.newest import newest
from agent.federation.wire.publishing import content_of, publish
from agent.federation.wire.reading import BOUNDS
from agent.federation.wire.sending import Sending
from agent.federation.wire.signing import Signer
from agent.federation.wire.tensors import from_bytes, to_bytes
from shared.documents import Cluster
from shared.documents.federation import Federation
from shared.kafka import admin, consumer, ensure_topic, producer
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import Samples
from simulations.bench.report import Better, Figure

MODEL_BYTES = 60_000_000
PARTICIPANT = "site"
_TENSORS = 12
_SECONDS = "s"
_SEED = 6


class FederationWire:
    name = "federation-wire"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title="a model of 60 MB up as an update and back as a global model: bare Kafka messages / ours, time",
            must=0.5,
            aim=0.8,
            better=Better.HIGHER,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        draw = np.random.default_rng(_SEED)
        shape = (MODEL_BYTES // 4 // _TENSORS,)
        model = {f"layer-{one}": draw.standard_normal(shape, np.float32) for one in range(_TENSORS)}
        for number in range(bench.rounds):
            bench.say(f"a model there and back, round {number + 1}")
            name = bench.unique("wire")
            bare = asyncio.run(_bare_s(bench.cluster, name, to_bytes(model)))
            ours = asyncio.run(_ours_s(bench.cluster, name, model, bench.layout.directory / name))
            samples.add(self.name, bare / ours, bare=(bare, _SECONDS), ours=(ours, _SECONDS))
        return samples


async def _bare_s(cluster: Cluster, topic: str, raw: bytes) -> float:
    """There and back."""
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, topic, partitions=1)
    sender = AIOKafkaProducer(bootstrap_servers=list(cluster.bootstrap_servers), max_batch_size=CHUNK_BYTES + 2**12)
    reader = AIOKafkaConsumer(bootstrap_servers=list(cluster.bootstrap_servers), enable_auto_commit=False)
    reader.assign([TopicPartition(topic, 0)])
    await sender.start()
    await reader.start()
    try:
        began_s = time.monotonic()
        for _ in range(2):
            for sent in [await sender.send(topic, chunk) for chunk in chunks_of([raw])]:
                await sent
            seen = 0
            while seen < len(raw):
                found = await reader.getmany(timeout_ms=500)
                seen += sum(len(one.value or b"") for some in found.values() for one in some)
        return time.monotonic() - began_s
    finally:
        await reader.stop()
        await sender.stop()


async def _ours_s(cluster: Cluster, name: str, model: Mapping[str, NDArray[np.float32]], folder: Path) -> float:
    topics = Topics(federation=name, edition=1)
    await ensure(cluster, topics, [PARTICIPANT])
    await asyncio.to_thread(folder.mkdir)
    leading = producer(cluster, transactional_id=topics.transactional_id)
    await leading.start()
    try:
        began_s = time.monotonic()
        await _up(cluster, topics, model, folder)
        await _down(cluster, topics, model, leading, folder)
        return time.monotonic() - began_s
    finally:
        await leading.stop()


async def _up(cluster: Cluster, topics: Topics, model: Mapping[str, NDArray[np.float32]], folder: Path) -> None:
    signer, raw = Signer.kept_in(folder / "key"), to_bytes(model)
    await asyncio.to_thread((folder / "update").write_bytes, raw)
    await _sent(cluster, topics, raw, signer, folder / "update")
    _require_same(model, from_bytes(await _taken_in(cluster, topics, signer.public, folder)))


async def _sent(cluster: Cluster, topics: Topics, raw: bytes, signer: Signer, file: Path) -> None:
    manifest = UpdateManifest(
        federation=topics.federation,
        edition=topics.edition,
        participant=PARTICIPANT,
        number=1,
        base=0,
        encoding="float32",
        records=1,
        steps=1,
        content=content_of(raw),
    )
    sending = Sending(
        cluster=cluster,
        topic=topics.updates(PARTICIPANT),
        signature=signer.sign,
        leave=_nothing,
        acknowledged=lambda _done, _of: None,
    )
    await sending.send(file, manifest)


async def _taken_in(cluster: Cluster, topics: Topics, public_key: str, folder: Path) -> bytes:
    client = consumer(cluster, group=None, read_committed=True, bounds=BOUNDS)
    await client.start()
    try:
        intake = Intake(
            client=client,
            topics=topics,
            federation=Federation(name=topics.federation, network="any", cluster=cluster.name),
            folder=folder,
            most_bytes=2 * MODEL_BYTES,
        )
        intake.attend({PARTICIPANT: public_key}, decided=lambda _: -1)
        while True:
            for record in await intake.take(1.0):
                offered = intake.offered(record)
                if offered is not None:
                    _require(not offered.offer.unsound, offered.offer.unsound)
                    return await asyncio.to_thread(intake.whole, offered)
    finally:
        await client.stop()


async def _down(
    cluster: Cluster,
    topics: Topics,
    model: Mapping[str, NDArray[np.float32]],
    leading: AIOKafkaProducer,
    folder: Path,
) -> None:
    raw = to_bytes(model)
    manifest = GlobalManifest(federation=topics.federation, edition=topics.edition, round=1, content=content_of(raw))
    await publish(leading, topics.models, number=1, pieces=[raw], manifest=manifest_bytes(manifest))
    found, _ = await newest(cluster, topics.models, global_manifest, folder=folder / "models")
    _require(found is not None, "no model was found")
    _require_same(model, from_bytes(found.raw if found else b""))


async def _nothing(_bytes: int) -> None:
    return


def _require_same(model: Mapping[str, NDArray[np.float32]], found: Mapping[str, NDArray[np.float32]]) -> None:
    _require(model.keys() == found.keys(), "another model came")
    _require(all((model[one] == found[one]).all() for one in model), "weights differ")


def _require(is_so: bool, why: str) -> None:
    if not is_so:
        raise BenchError(why)
