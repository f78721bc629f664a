"""A round is over: its model is made, noised, judged, published, and what is older taken away, in this order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from agent.federation.coordinator.book import Book
from agent.federation.coordinator.decisions import Noised, Opened, Published
from agent.federation.coordinator.replica import digest
from agent.federation.coordinator.snapshots import Snapshots, is_due
from agent.federation.coordinator.topics import Topics
from agent.federation.privacy.sealing import Seal
from agent.federation.weights import Weights
from agent.federation.wire.manifests import GlobalManifest, to_bytes
from agent.federation.wire.publishing import content_of, publish, withdraw
from agent.federation.wire.tensors import pieces
from shared.documents.federation import NoiseAt, Privacy
from shared.errors import ClusterError
from shared.kafka import FencedError

Judge = Callable[[Weights, int], Awaitable[Mapping[str, float]]]


@dataclass(slots=True, kw_only=True)
class Publication:
    """`judge`: metrics of the model of a round. `noticed`: what does no harm, and a person should know."""

    book: Book
    snapshots: Snapshots
    topics: Topics
    privacy: Privacy | None
    seal: Seal
    judge: Judge
    clock: Callable[[], float]
    noticed: Callable[[str], None]
    _chunks: int = field(default=0, init=False)

    async def open(self) -> None:
        """Round 0. Does nothing of it that was done. Raises ClusterError, of it FencedError."""
        book = self.book
        if book.standing.round >= 0:
            if not book.snapshot_bytes:
                # The life that opened it ended before its snapshot was whole.
                await self.snap()
            return
        # 1. The model, whole and acknowledged.
        await self._publish(book.replica.model, 0, {})
        # 2. That it is there.
        await book.write(Opened(model=digest(book.replica.model), at=self.clock()))
        # 3. Before anything else: once the next model is there, only a snapshot knows this one.
        await self.snap()

    async def publish(self) -> None:
        """The model of the round that is over. Does nothing when there is none. Raises as `open`, and as `judge`."""
        book = self.book
        closed = book.standing.closed
        if closed is None:
            return
        # 1. Noise, whose seed is written down before anybody sees the model.
        await self._noise(closed.round)
        upcoming = book.replica.upcoming
        assert upcoming is not None  # noqa: S101 - the round is closed
        # 2. What it is worth.
        round_ = closed.round + 1
        metrics = dict(await self.judge(upcoming, round_))
        # 3. The model, whole and acknowledged.
        await self._publish(upcoming, round_, metrics)
        # 4. That it is there.
        await book.write(Published(round=round_, model=digest(upcoming), metrics=metrics, at=self.clock()))
        # 5. The one before it may go.
        await withdraw(book.producer, self.topics.models, self._older(closed.round))
        # 6. A snapshot, when the log has become long.
        await self.keep_up()

    async def keep_up(self) -> None:
        """A snapshot when following the log has become dearer than one, in mid-round as well. Raises as `snap`."""
        book = self.book
        if is_due(decisions=book.decisions, update_bytes=book.update_bytes, snapshot_bytes=book.snapshot_bytes):
            await self.snap()

    async def snap(self) -> None:
        """Raises ClusterError, of it FencedError."""
        book = self.book
        book.snapped(await self.snapshots.write(book.producer, book.replica, book.behind))
        try:
            await self.snapshots.cut(book.replica, book.behind)
        except FencedError:
            raise
        except ClusterError as error:
            self.noticed(f"what is not needed any more stays in its topics: {error}")

    def _older(self, round_: int) -> dict[int, int]:
        """The last one, and the one before that, should this not have been done: models of a federation are alike."""
        return {number: self._chunks for number in (round_ - 1, round_) if number >= 0}

    async def _noise(self, round_: int) -> None:
        privacy, standing = self.privacy, self.book.standing
        if privacy is None or privacy.at is not NoiseAt.COORDINATOR or not privacy.noise or standing.is_noised:
            return
        deviation = privacy.noise * privacy.norm / max(1, len(standing.accepted))
        seed = self.seal.drawn(round_)
        await self.book.write(Noised(round=round_, deviation=deviation, seed=seed, at=self.clock()))

    async def _publish(self, model: Weights, round_: int, metrics: dict[str, float]) -> None:
        replica = self.book.replica
        tensors = {**model, **replica.strategy.handed_down(replica.state)}
        laid = [*pieces(tensors)]
        content = await asyncio.to_thread(content_of, *laid)
        manifest = GlobalManifest(
            federation=self.topics.federation,
            edition=self.topics.edition,
            round=round_,
            content=content,
            metrics=metrics,
        )
        await publish(self.book.producer, self.topics.models, number=round_, pieces=laid, manifest=to_bytes(manifest))
        self._chunks = content.chunks
