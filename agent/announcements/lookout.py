"""What the log still holds of the streams that are looked after: asked again and again, told each time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from agent.announcements.persistence import Persistence
from agent.announcements.topics import partitions
from shared.documents import Cluster
from shared.documents.stream import Kept, StreamsReport
from shared.errors import ClusterError, ControlPlaneError
from shared.kafka import admin, connect, consumer, stop_within, translated
from shared.streams.ranges import Range

_TOLD_AT_ONCE = 5000
_STOP_TIMEOUT_S = 5.0


@dataclass(slots=True, kw_only=True)
class Lookout:
    """`tell` returns once the control plane has acknowledged."""

    cluster: Cluster
    control_topic: str
    ranges: tuple[Range, ...]
    look_every_s: float
    tell: Callable[[StreamsReport], Awaitable[None]]
    persistence: Persistence
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def change(self, ranges: tuple[Range, ...], look_every_s: float) -> None:
        """Looks at once when there is something else to look after."""
        if (ranges, look_every_s) != (self.ranges, self.look_every_s):
            self.ranges, self.look_every_s = ranges, look_every_s
            self._changed.set()

    async def run(self) -> None:
        """Until cancelled. An error of any kind is told and waited out: the watch over the topic is worth more."""
        while True:
            self._changed.clear()
            try:
                await self._look()
            except (ClusterError, ControlPlaneError) as error:
                await self.persistence.wait_out(error)
            else:
                self.persistence.worked()
                await self._wait()

    async def _look(self) -> None:
        if self.ranges:
            found = await kept(self.cluster, self.ranges)
            for some in _portions(found):
                await self.tell(StreamsReport(cluster=self.cluster.name, control_topic=self.control_topic, kept=some))

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.look_every_s):
                await self._changed.wait()


async def kept(cluster: Cluster, ranges: Iterable[Range]) -> tuple[Kept, ...]:
    """Of each Kafka partition named in `ranges` what its log holds: of one that is gone nothing, from 0 up to 0.

    By clients of its own, since one that has once asked for a topic goes on asking, and could make it anew after
    somebody has deleted it. Raises ClusterError.
    """
    wanted = sorted({(one.topic, one.partition) for one in ranges})
    async with admin(cluster) as client:
        there = await partitions(client)
    present = [TopicPartition(*one) for one in wanted if one[1] in there.get(one[0], ())]
    first, last = await _offsets(cluster, present) if present else ({}, {})
    return tuple(
        Kept(topic=one[0], partition=one[1], first=first.get(one, 0), last=last.get(one, 0))
        for one in (TopicPartition(*pair) for pair in wanted)
    )


async def _offsets(
    cluster: Cluster, present: Sequence[TopicPartition]
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    client = consumer(cluster, group=None)
    with translated(cluster.name):
        try:
            await connect(client)
            return await client.beginning_offsets(present), await client.end_offsets(present)
        finally:
            await stop_within(client, _STOP_TIMEOUT_S)


def _portions(found: tuple[Kept, ...]) -> Iterator[tuple[Kept, ...]]:
    return (found[start : start + _TOLD_AT_ONCE] for start in range(0, len(found), _TOLD_AT_ONCE))
