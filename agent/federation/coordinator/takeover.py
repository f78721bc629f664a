"""Becoming the coordinator: those before are shut out, and the log is followed to where they left it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from agent.federation.aggregation.strategy import Strategy
from agent.federation.coordinator.book import Book
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Led, Opened
from agent.federation.coordinator.log import Log
from agent.federation.coordinator.replica import Replica
from agent.federation.coordinator.snapshots import Snapshots
from agent.federation.coordinator.standing import LogError
from agent.federation.coordinator.topics import Topics
from agent.federation.coordinator.updates import Fetching
from agent.federation.privacy.sealing import Seal
from agent.federation.weights import UnlikeError, Weights
from agent.federation.wire.manifests import global_manifest
from agent.federation.wire.newest import newest
from agent.federation.wire.reading import BOUNDS
from agent.federation.wire.tensors import from_bytes
from shared.documents import Cluster
from shared.errors import FoglineError
from shared.kafka import connect, consumer, producer, stop_within, translated

_STOP_TIMEOUT_S = 2.0


class SupersededError(FoglineError):
    """Another coordinator leads since."""


@dataclass(slots=True, kw_only=True)
class Takeover:
    """`initial`: the weights of a federation that nobody has opened. `by`: names this coordinator, and no other ever.

    `has_led`: it did already, so that another name in the log means that it does no more.
    """

    cluster: Cluster
    topics: Topics
    strategy: Strategy
    reader: Reader
    seal: Seal
    folder: Path
    initial: Callable[[], Awaitable[Weights]]
    by: str
    clock: Callable[[], float]
    has_led: bool = False

    @asynccontextmanager
    async def book(self) -> AsyncIterator[tuple[Book, Snapshots]]:
        """Raises SupersededError, ClusterError, of it FencedError, LogError, StorageError, and what `initial` does."""
        made = producer(self.cluster, transactional_id=self.topics.transactional_id)
        try:
            # 1. Whoever led before writes nothing more.
            with translated(self.cluster.name):
                await connect(made)
            # 2. What they have left.
            snapshots = Snapshots(cluster=self.cluster, topics=self.topics, folder=self.folder / "snapshots")
            book = await self._followed(made, snapshots)
            # 3. Unless it is this one that was shut out, and has come back.
            if self.has_led and book.standing.led_by != self.by:
                raise SupersededError(f"another coordinator leads: {book.standing.led_by}")
            await book.write(Led(by=self.by, at=self.clock()))
            self.has_led = True
            yield book, snapshots
        finally:
            await stop_within(made, _STOP_TIMEOUT_S)

    async def _followed(self, made: AIOKafkaProducer, snapshots: Snapshots) -> Book:
        log = Log(cluster=self.cluster, topic=self.topics.decisions)
        found = await snapshots.newest()
        if found is None:
            replica = Replica.of(self.strategy, await self._beginning(log))
        else:
            replica = self._restored(found.standing, found.tensors)
        behind = 0 if found is None else found.behind
        book = Book(log=log, producer=made, replica=replica, seal=self.seal, behind=behind)
        book.snapped(0 if found is None else len(found.tensors))
        # Closed at once, whatever a decision raises: the reading has a connection of its own.
        async with self._fetching(replica) as fetching, aclosing(log.read(behind)) as entries:
            async for entry in entries:
                await self._follow(book, entry.offset, entry.decision, fetching)
        return book

    def _restored(self, standing: bytes, tensors: bytes) -> Replica:
        try:
            return Replica.restored(self.strategy, standing, tensors)
        except UnlikeError as error:
            raise LogError(f"the snapshot is damaged: {error}") from error

    async def _follow(self, book: Book, offset: int, decision: AnyDecision, fetching: Fetching) -> None:
        if not isinstance(decision, Accepted):
            book.follow(offset, decision)
            return
        raw = await fetching.again(decision)
        try:
            content = self.reader.read(raw, book.replica.model)
        except UnlikeError as error:
            raise LogError(f"an update that was accepted cannot be read any more: {error}") from error
        contribution = self.reader.contribution(decision, content, round=book.standing.round)
        book.follow(offset, decision, contribution, update_bytes=len(raw))

    @asynccontextmanager
    async def _fetching(self, replica: Replica) -> AsyncIterator[Fetching]:
        client: AIOKafkaConsumer = consumer(self.cluster, group=None, read_committed=True, bounds=BOUNDS)
        with translated(self.cluster.name):
            try:
                await connect(client)
                most = self.reader.most_bytes(replica.model)
                yield Fetching(client=client, topics=self.topics, folder=self.folder, most_bytes=most)
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _beginning(self, log: Log) -> Weights:
        """Round 0's model: the one that was published, if that was as far as it came; else a new one."""
        try:
            found, _ = await newest(self.cluster, self.topics.models, global_manifest, folder=self.folder / "models")
            if found is not None:
                return {name: one for name, one in from_bytes(found.raw).items() if ":" not in name}
        except UnlikeError as error:
            raise LogError(f"the model of round 0 is damaged: {error}") from error
        async with aclosing(log.read(0)) as entries:
            async for entry in entries:
                if isinstance(entry.decision, Opened):
                    raise LogError("it was opened, and there is neither a snapshot nor a model of it")
        return await self.initial()
