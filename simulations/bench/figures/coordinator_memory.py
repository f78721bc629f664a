"""What a federation's coordinator takes of memory while a thousand updates of 10 MB are on their way to it.

All of them lie in Kafka half sent before it begins, chunk by chunk in turns, and whole when it has begun: it reads a
thousand participants at once. One round, 10 GB of free disk in Kafka's folder and as much in the coordinator's.
"""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaProducer

from agent.federation.coordinator.topics import Topics, ensure
from agent.federation.wire.chunks import MANIFEST_KEY, ChunkKey, chunks_of
from agent.federation.wire.manifests import UpdateManifest, to_bytes
from agent.federation.wire.publishing import content_of
from agent.federation.wire.signing import HEADER, Signer
from agent.federation.wire.tensors import to_bytes as tensors
from shared.documents import Cluster, encode
from shared.documents.federation import Federation, Rounds, Stop, StrategyChoice
from shared.kafka import producer
from simulations.bench import programs
from simulations.bench.bare.coordinating import Peak, Settings, model
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import Samples
from simulations.bench.report import Better, Figure

PARTICIPANTS = 1000
MODEL_BYTES = 10_000_000
_MB = 1e6 / 2**20
_DEADLINE_S = 1800.0


class CoordinatorMemory:
    """The bounds are four models and 200 MB, and three and 100 MB."""

    name = "coordinator-memory"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title="peak memory of a coordinator, 1,000 updates of a model of 10 MB on their way",
            must=round((4 * 10 + 200) * _MB),
            aim=round((3 * 10 + 100) * _MB),
            better=Better.LOWER,
            unit="MiB",
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        name = bench.unique("memory")
        folder = bench.layout.directory / name
        folder.mkdir()
        try:
            peak = self._peak(bench, name, folder)
        finally:
            shutil.rmtree(folder)
        samples.add(self.name, peak.peak_mib, updates=(peak.updates, "updates"))
        return samples

    def _peak(self, bench: Bench, name: str, folder: Path) -> Peak:
        signer = Signer.kept_in(folder / "key")
        participants = {f"site-{one}": signer.public for one in range(PARTICIPANTS)}
        topics = Topics(federation=name, edition=1)
        bench.say(f"memory of a coordinator: {PARTICIPANTS} updates are sent")
        asyncio.run(_sent(bench.cluster, topics, [*participants], signer))
        settings = Settings(
            federation=Federation(
                name=name,
                network="any",
                cluster=bench.cluster.name,
                strategy=StrategyChoice(name="fedavg"),
                rounds=Rounds(updates=PARTICIPANTS),
                stop=Stop(rounds=1),
            ),
            cluster=bench.cluster,
            participants=participants,
            model_bytes=MODEL_BYTES,
            folder=str(folder / "coordinator"),
        )
        (folder / "settings").write_bytes(encode(settings))
        bench.say(f"memory of a coordinator: {PARTICIPANTS} updates are taken in")
        said = programs.printed("coordinating", str(folder / "settings"), deadline_s=_DEADLINE_S)
        peak = msgspec.json.decode(said, type=Peak)
        if peak.updates != PARTICIPANTS:
            raise BenchError(f"{peak.updates} of {PARTICIPANTS} updates counted")
        return peak


async def _sent(cluster: Cluster, topics: Topics, participants: list[str], signer: Signer) -> None:
    """Place after place of all of them: nobody is done before everybody nearly is."""
    await ensure(cluster, topics, participants)
    raw = tensors(model(MODEL_BYTES))
    chunks = [*chunks_of([raw])]
    async with producer(cluster) as sender:
        for place, chunk in enumerate(chunks):
            key = ChunkKey(1, place).to_bytes()
            await _to_all(sender, [(topics.updates(name), key, chunk, []) for name in participants])
        signed = []
        for name in participants:
            manifest = to_bytes(_manifest(topics, name, raw))
            signed.append((topics.updates(name), MANIFEST_KEY, manifest, [(HEADER, signer.sign(manifest))]))
        await _to_all(sender, signed)


async def _to_all(
    sender: AIOKafkaProducer, records: Sequence[tuple[str, bytes, bytes, list[tuple[str, bytes]]]], *, at_once: int = 50
) -> None:
    for start in range(0, len(records), at_once):
        some = records[start : start + at_once]
        for sent in [await sender.send(topic, value, key, 0, headers=given) for topic, key, value, given in some]:
            await sent


def _manifest(topics: Topics, participant: str, raw: bytes) -> UpdateManifest:
    return UpdateManifest(
        federation=topics.federation,
        edition=topics.edition,
        participant=participant,
        number=1,
        base=0,
        encoding="float32",
        records=100,
        steps=10,
        content=content_of(raw),
    )
