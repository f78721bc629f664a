"""At least once: send everything, await every delivery on every producer, then let the offsets be committed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiokafka.structs import TopicPartition

from agent.clock import Clock
from agent.inference.ascent import Ascent
from agent.inference.batch import Departures
from agent.inference.commits import Commits
from agent.inference.courier import Courier, Shipment
from agent.inference.dead_letter_office import DeadLetterOffice
from agent.inference.metrics import InferenceMetrics
from agent.inference.topics import Topics
from agent.inference.uplink import Uplink
from agent.inference.work import Work


@dataclass(slots=True, kw_only=True)
class _UnderWay:
    work: Work
    departures: Departures
    shipments: list[Shipment]
    ascent: Ascent | None
    since: float


class AtLeastOnce:
    """Sends the results of one micro-batch while the last one's deliveries are awaited; both keep the order."""

    def __init__(
        self,
        *,
        topics: Topics,
        courier: Courier,
        office: DeadLetterOffice,
        uplink: Uplink | None,
        commits: Commits,
        admit: Callable[[frozenset[TopicPartition]], Awaitable[None]],
        metrics: InferenceMetrics,
        clock: Clock,
    ) -> None:
        self._metrics = metrics
        self._clock = clock
        self._topics = topics
        self._courier = courier
        self._office = office
        self._uplink = uplink
        self._commits = commits
        self._admit = admit
        self._assignments: asyncio.Queue[frozenset[TopicPartition]] = asyncio.Queue()
        self._inferred: asyncio.Queue[Work] = asyncio.Queue()
        self._sent: asyncio.Queue[_UnderWay] = asyncio.Queue()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._admit_all())
            tasks.create_task(self._send_all())
            tasks.create_task(self._settle_all())
            tasks.create_task(self._commits.run())
            if self._uplink is not None:
                tasks.create_task(self._uplink.run())

    def put(self, work: Work) -> None:
        """The pipeline bounds how many are under way."""
        self._inferred.put_nowait(work)

    async def begin(self, work: Work) -> None:
        self._sent.put_nowait(await self._send(work))

    async def flush(self) -> None:
        await self._commits.flush()

    async def drain(self) -> None:
        if self._uplink is not None:
            await self._uplink.caught_up()

    def assigned(self, partitions: frozenset[TopicPartition]) -> None:
        self._assignments.put_nowait(partitions)

    def leave(self) -> None:
        """Results on their way arrive whoever owns the partition."""

    async def revoked(self) -> None:
        """Producers here serve all partitions."""

    def troubles(self, patience_s: float) -> list[str]:
        troubles = [self._courier.trouble(patience_s), self._topics.trouble]
        if self._uplink is not None and self._uplink.trouble:
            troubles.append(f"uplink {self._uplink.state.value}: {self._uplink.trouble}")
        return troubles

    async def _admit_all(self) -> None:
        while True:
            await self._admit(await self._assignments.get())

    async def _send_all(self) -> None:
        while True:
            work = await self._inferred.get()
            self._sent.put_nowait(await self._send(work))

    async def _settle_all(self) -> None:
        while True:
            await self._settle(await self._sent.get())

    async def _send(self, work: Work) -> _UnderWay:
        since = self._clock.monotonic()
        departures = work.depart(degrades=self._uplink is not None and self._uplink.degrades)
        await self._topics.until_there(departures)
        shipments = [
            await self._courier.send(topic, records) for topic, records in self._topics.destinations(departures)
        ]
        ascent = None
        if self._uplink is not None and departures.forwards:
            ascent = await self._uplink.send(departures.forwards)
        work.sent()
        return _UnderWay(work=work, departures=departures, shipments=shipments, ascent=ascent, since=since)

    async def _settle(self, under_way: _UnderWay) -> None:
        for shipment in under_way.shipments:
            await self._office.bury(await self._courier.settle(shipment))
        uplink, ascent = self._uplink, under_way.ascent
        if uplink is not None and ascent is not None and not await uplink.settle(ascent):
            await self._degrade(under_way)
        self._count(under_way)
        taken = under_way.work.taken
        self._commits.delivered(taken.offsets, taken.epoch)
        under_way.work.finished()

    async def _degrade(self, under_way: _UnderWay) -> None:
        under_way.departures.degraded = under_way.work.depart(degrades=True).degraded
        shipment = await self._courier.send(self._topics.answers, under_way.departures.degraded)
        await self._office.bury(await self._courier.settle(shipment))

    def _count(self, under_way: _UnderWay) -> None:
        """What went over the uplink is counted there."""
        metrics, departures = self._metrics, under_way.departures
        metrics.delivery_seconds.observe(self._clock.monotonic() - under_way.since)
        metrics.answered.add(len(departures.answers))
        metrics.degraded.add(len(departures.degraded))
        metrics.dead_lettered.add(len(departures.dead_letters))
        if self._topics.upper is not None:
            metrics.forwarded.add(len(departures.forwards))
            upward = [one for one in under_way.shipments if one.topic == self._topics.upper.name]
            metrics.up_bytes.add(sum(parcel.size_bytes for one in upward for parcel in one.parcels))
