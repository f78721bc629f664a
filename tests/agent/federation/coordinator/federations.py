"""A coordinator's session on a real broker, and participants that send whatever a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from aiokafka import AIOKafkaProducer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.federation.aggregation.strategies import strategy
from agent.federation.coordinator.book import Book
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.orders import Orders
from agent.federation.coordinator.publication import Judge
from agent.federation.coordinator.session import Session
from agent.federation.coordinator.standing import Standing
from agent.federation.coordinator.takeover import Takeover
from agent.federation.coordinator.topics import Topics, ensure
from agent.federation.privacy.sealing import Seal
from agent.federation.weights import Weights
from agent.federation.wire.chunks import MANIFEST_KEY, ChunkKey, chunks_of
from agent.federation.wire.manifests import UpdateManifest, to_bytes
from agent.federation.wire.publishing import content_of
from agent.federation.wire.signing import HEADER, Signer
from agent.federation.wire.tensors import to_bytes as tensors
from shared.documents import Cluster
from shared.documents.federation import Federation
from shared.kafka import producer
from simulations.kafka.cluster import KafkaCluster

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SIZE = 50
NAMES = ("north", "south", "east")


def signer(name: str) -> Signer:
    return Signer(Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32)))


def initial() -> Weights:
    drawn = np.random.default_rng(7)
    return {
        "kernel": drawn.standard_normal((4, 3)).astype(np.float32),
        "bias": drawn.standard_normal(3).astype(np.float32),
    }


def change(seed: int) -> Weights:
    drawn = np.random.default_rng(seed)
    return {name: drawn.standard_normal(one.shape).astype(np.float32) for name, one in initial().items()}


def cluster_of(broker: KafkaCluster) -> Cluster:
    return Cluster(name="here", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))


def federation(name: str, **more: object) -> Federation:
    return Federation(name=name, network="net", cluster="here", **more)  # type: ignore[arg-type]


@dataclass
class Sites:
    """Who sends updates; every one of them signs with a key of its own."""

    topics: Topics
    sender: AIOKafkaProducer

    def manifest(self, name: str, number: int, base: int, raw: bytes, **more: object) -> UpdateManifest:
        plain = UpdateManifest(
            federation=self.topics.federation,
            edition=self.topics.edition,
            participant=name,
            number=number,
            base=base,
            encoding="float32",
            records=10 * number,
            steps=3,
            content=msgspec.structs.replace(content_of(raw), chunks=len([*chunks_of([raw], SIZE)])),
        )
        return msgspec.structs.replace(plain, **more)

    async def send(self, name: str, number: int, base: int, given: Weights | None = None, **more: object) -> None:
        raw = tensors(change(100 * number + len(name)) if given is None else given)
        await self.chunks(name, number, raw)
        await self.conclude(name, to_bytes(self.manifest(name, number, base, raw, **more)))

    async def chunks(self, name: str, number: int, raw: bytes, size: int = SIZE) -> None:
        for place, one in enumerate(chunks_of([raw], size)):
            await self.put(name, ChunkKey(number, place).to_bytes(), bytes(one))

    async def conclude(self, name: str, manifest: bytes, *, signature: bytes | None = None) -> None:
        sign = signer(name).sign(manifest) if signature is None else signature
        await self.put(name, MANIFEST_KEY, manifest, [(HEADER, sign)])

    async def put(self, name: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]] | None = None) -> None:
        await self.sender.send_and_wait(
            self.topics.updates(name), key=key, value=value, headers=headers or [], partition=0
        )


@asynccontextmanager
async def sites(cluster: Cluster, topics: Topics) -> AsyncIterator[Sites]:
    await ensure(cluster, topics, NAMES)
    async with producer(cluster) as sender:
        yield Sites(topics, sender)


@dataclass
class Stage:
    """A coordinator's session, at work until the block ends: then it is abandoned, as a crash would."""

    session: Session
    orders: Orders
    working: asyncio.Task[Book]
    seen: list[Standing] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    notices: list[str] = field(default_factory=list)

    async def until_round(self, number: int) -> Standing:
        return await self.until(lambda standing: standing.round >= number)

    async def until(self, holds: Callable[[Standing], bool]) -> Standing:
        async with asyncio.timeout(240):
            while not (self.seen and holds(self.seen[-1])):
                self.changed.clear()
                waiting = asyncio.ensure_future(self.changed.wait())
                await asyncio.wait([waiting, self.working], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if self.working.done():
                    self.working.result()
                    break
        return self.seen[-1]


async def judged(model: Weights, round: int) -> Mapping[str, float]:
    return {"cloud/accuracy": round / 100}


def takeover(document: Federation, cluster: Cluster, folder: Path, *, by: str = "one") -> Takeover:
    topics = Topics(federation=document.name, edition=1)
    chosen = strategy(document.strategy.name, document.strategy.parameters)

    async def made() -> Weights:
        return initial()

    return Takeover(
        cluster=cluster,
        topics=topics,
        strategy=chosen,
        reader=Reader.of(document, chosen),
        seal=Seal(KEY, topics.decisions),
        folder=folder,
        initial=made,
        by=by,
        clock=lambda: 0.0,
    )


@asynccontextmanager
async def coordinating(
    document: Federation,
    cluster: Cluster,
    folder: Path,
    *,
    by: str = "one",
    judge: Judge | None = None,
    most_updates: int | None = None,
) -> AsyncIterator[Stage]:
    taking = takeover(document, cluster, folder, by=by)
    orders = Orders({name: signer(name).public for name in NAMES})
    seen: list[Standing] = []
    changed = asyncio.Event()
    notices: list[str] = []

    def stood(standing: Standing) -> None:
        seen.append(standing)
        changed.set()

    session = Session(
        federation=document,
        strategy=taking.strategy,
        reader=taking.reader,
        takeover=taking,
        orders=orders,
        judge=judge or judged,
        clock=lambda: 0.0,
        stood=stood,
        noticed=notices.append,
        most_updates=most_updates,
    )
    working = asyncio.create_task(session.run())
    stage = Stage(session, orders, working, seen, changed, notices)
    try:
        yield stage
    finally:
        working.cancel()
        await asyncio.wait([working])
