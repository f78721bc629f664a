"""A watch over a control topic of its own, in this process, and a control plane that remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from agent.announcements.workload import Announcements
from agent.artifacts import Wanted
from agent.clock import Clock
from agent.metrics import Metrics
from agent.workload import Surroundings
from shared.documents import Cluster
from shared.documents.stream import AnnouncementFound, Kept, StreamsReport
from shared.documents.training_workloads import AnnouncementsWorkload
from shared.errors import ControlPlaneError
from shared.kafka import producer
from shared.streams.ranges import Range
from tests.agent.no_results import nothing_to_hand_in, nothing_to_tell, nothing_to_upload

WITHIN_S = 30.0


@dataclass(slots=True)
class Told:
    """`refusals`: with these statuses the next reports are refused, after they were taken."""

    reports: list[StreamsReport] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, report: StreamsReport) -> None:
        self.reports.append(report)
        self.news.set()
        if self.refusals:
            raise ControlPlaneError("told to refuse", status=self.refusals.pop(0))

    @property
    def found(self) -> list[AnnouncementFound]:
        return [one for report in self.reports for one in report.found]

    @property
    def kept(self) -> list[Kept]:
        return [one for report in self.reports for one in report.kept]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not holds():
                await self._ring()

    async def _ring(self) -> None:
        """Counters change in silence."""
        self.news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await self.news.wait()


def document(cluster: Cluster, unique: str, *looked_after: Range, look_every_s: float = 60.0) -> AnnouncementsWorkload:
    return AnnouncementsWorkload(
        id=f"announcements.{unique}",
        clusters=(cluster,),
        cluster=cluster.name,
        control_topic=f"{unique}.control",
        group=f"{unique}.group",
        looked_after=looked_after,
        look_every_s=look_every_s,
    )


async def _no_artifact(_: Wanted) -> Path:
    raise AssertionError("a watch needs no artifact")


def surroundings(told: Told) -> Surroundings:
    return Surroundings(
        node="node-1",
        boot_id="00",
        clock=Clock(),
        metrics=Metrics(),
        artifact=_no_artifact,
        spool_directory=Path(),
        changed=told.news.set,
        streams=told.take,
        common=Path(),
        upload=nothing_to_upload,
        hand_in=nothing_to_hand_in,
        profiled=nothing_to_tell,
    )


@asynccontextmanager
async def watching(watched: AnnouncementsWorkload, told: Told) -> AsyncIterator[Announcements]:
    """Until the end of the block, when it is drained."""
    workload = Announcements(watched, surroundings(told))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(workload.run())
        yield workload
        await workload.drain()


async def send(cluster: Cluster, topic: str, *records: tuple[bytes | None, bytes | None]) -> None:
    made = producer(cluster)
    await made.start()
    try:
        for key, value in records:
            await made.send_and_wait(topic, key=key, value=value, partition=0)
    finally:
        await made.stop()
