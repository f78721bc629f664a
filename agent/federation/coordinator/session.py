"""One life of a coordinator, from taking over to the end of the federation, or to the first thing that goes wrong.

Whatever goes wrong, the next life begins with the log and comes to the same.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

from aiokafka import AIOKafkaConsumer

from agent.clock import Clock
from agent.federation.aggregation.strategy import Strategy
from agent.federation.coordinator.book import Book
from agent.federation.coordinator.contribution import Reader
from agent.federation.coordinator.deciding import NotYet, next_change_at, on_offer, on_time
from agent.federation.coordinator.decisions import Accepted, Cause, Ended, Paused, Resumed
from agent.federation.coordinator.intake import Intake, Offered
from agent.federation.coordinator.orders import Orders
from agent.federation.coordinator.publication import Judge, Publication
from agent.federation.coordinator.snapshots import Snapshots
from agent.federation.coordinator.standing import Participant, Standing
from agent.federation.coordinator.takeover import SupersededError, Takeover
from agent.federation.coordinator.topics import ensure
from agent.federation.weights import UnlikeError
from agent.federation.wire.reading import BOUNDS
from agent.inference.reach import Reach
from shared.documents.federation import Federation
from shared.kafka import connect, consumer, is_connected, stop_within, translated

_LOOK_S = 0.5
_STOP_TIMEOUT_S = 2.0
_MOST_REASON = 500


@dataclass(slots=True, kw_only=True)
class Session:
    """`takeover` is of the workload, for it remembers having led. `stood` is told of every change of the standing.

    `away` is told why nothing comes or goes while no broker is there, and "" when one is. `most_updates`: of one
    participant, as privacy allows.
    """

    federation: Federation
    strategy: Strategy
    reader: Reader
    takeover: Takeover
    orders: Orders
    judge: Judge
    clock: Callable[[], float]
    stood: Callable[[Standing], None]
    noticed: Callable[[str], None]
    away: Callable[[str], None] = lambda _: None
    most_updates: int | None = None
    _book: Book = field(init=False)
    _intake: Intake = field(init=False)
    _publication: Publication = field(init=False)

    async def run(self) -> Book:
        """To the federation's end, whose last model is in the book.

        Raises SupersededError, LogError, StorageError, ClusterError, of it FencedError, and what `judge` raises.
        """
        topics, cluster = self.takeover.topics, self.takeover.cluster
        await ensure(cluster, topics, self.orders.participants)
        async with self.takeover.book() as (book, snapshots), self._reading() as client:
            self._book = book
            self._publication = self._made(snapshots)
            self._intake = Intake(
                client=client,
                topics=topics,
                federation=self.federation,
                folder=self.takeover.folder / "updates",
                most_bytes=self.reader.most_bytes(book.replica.model),
            )
            await self._publication.open()
            self.stood(book.standing)
            while book.standing.ended is None:
                # 1. What the document asks.
                await self._obey()
                # 2. What time decides, and what follows from the last decision.
                await self._settle()
                # 3. What came.
                await self._take()
            return book

    async def _obey(self) -> None:
        orders, standing, book = self.orders, self._book.standing, self._book
        if orders.dismissed:
            raise SupersededError(orders.dismissed)
        if orders.is_cancelled:
            await book.write(Ended(cause=Cause.CANCELLED, at=self.clock()))
        elif orders.is_paused != standing.is_paused:
            await book.write((Paused if orders.is_paused else Resumed)(at=self.clock()))
        if orders.changed.is_set() or not self._intake.is_attending:
            orders.changed.clear()
            participants = dict(orders.participants)
            await ensure(self.takeover.cluster, self.takeover.topics, participants)
            self._intake.attend(participants, decided=self._decided)
        self.stood(book.standing)

    def _decided(self, participant: str) -> int:
        return self._book.standing.participants.get(participant, Participant()).offset

    async def _settle(self) -> None:
        book, rules = self._book, self.federation
        while book.standing.ended is None:
            if book.standing.closed is not None:
                await self._publication.publish()
                self._intake.release()
                self.stood(book.standing)
            decision = on_time(
                book.standing,
                rules.rounds,
                rules.stop,
                least=self.strategy.least,
                at=self.clock(),
                most_updates=self.most_updates,
            )
            if decision is None:
                return
            await book.write(decision)
            self.stood(book.standing)

    async def _take(self) -> None:
        if not self.orders.participants:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await self.orders.changed.wait()
            return
        for record in await self._intake.take(self._patience()):
            if self._book.standing.ended is not None:
                return
            offered = self._intake.offered(record)
            if offered is not None:
                await self._decide(offered)
                await self._settle()

    def _patience(self) -> float:
        moment = next_change_at(self._book.standing, self.federation.rounds, self.federation.stop)
        return _LOOK_S if moment is None else min(_LOOK_S, max(0.01, moment - self.clock()))

    async def _decide(self, offered: Offered) -> None:
        book, at, offer = self._book, self.clock(), offered.offer
        rounds, most = self.federation.rounds, self.most_updates
        # 1. As far as its manifest says, which is cheap.
        decision = on_offer(book.standing, rounds, offer, at=at, most_updates=most)
        contribution, size = None, 0
        # 2. What it holds.
        if isinstance(decision, Accepted):
            try:
                raw = await asyncio.to_thread(self._intake.whole, offered)
                content = await asyncio.to_thread(self.reader.read, raw, book.replica.model)
            except UnlikeError as error:
                unsound = replace(offer, unsound=str(error)[:_MOST_REASON])
                decision = on_offer(book.standing, rounds, unsound, at=at, most_updates=most)
            else:
                contribution = self.reader.contribution(decision, content, round=book.standing.round)
                size = len(raw)
        # 3. It waits, or is decided on.
        if decision is NotYet.NOT_YET:
            self._intake.hold(offered)
            return
        if decision is not None:
            await book.write(decision, contribution, update_bytes=size)
            self.stood(book.standing)
        self._intake.done(offered)
        # 4. What has become long is cut off.
        await self._publication.keep_up()

    def _made(self, snapshots: Snapshots) -> Publication:
        return Publication(
            book=self._book,
            snapshots=snapshots,
            topics=self.takeover.topics,
            privacy=self.federation.privacy,
            seal=self.takeover.seal,
            judge=self.judge,
            clock=self.clock,
            noticed=self.noticed,
        )

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AIOKafkaConsumer]:
        client = consumer(self.takeover.cluster, group=None, read_committed=True, bounds=BOUNDS)
        with translated(self.takeover.cluster.name):
            try:
                await connect(client)
                # The connection it began with is closed: asking makes one that stays, for `_watching` to look at.
                await client.topics()
                async with self._watching(client):
                    yield client
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    @asynccontextmanager
    async def _watching(self, client: AIOKafkaConsumer) -> AsyncIterator[None]:
        """Beside the session, which may itself be waiting for an acknowledgement: no client raises anything."""
        reach = Reach(
            self.takeover.cluster.name,
            is_connected=lambda: is_connected(client),
            changed=lambda: self.away(reach.trouble),
            clock=Clock(),
        )
        looking = asyncio.ensure_future(reach.run())
        try:
            yield
        finally:
            looking.cancel()
            self.away("")
