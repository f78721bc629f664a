"""Reading a control topic from its beginning: each record is told to the control plane, then its offset committed.

Whatever breaks off in between, the records since the last commit are read and told again; that is harmless there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from agent.announcements.finding import found, together
from agent.announcements.persistence import Persistence, may_pass
from agent.announcements.topics import until_there
from agent.clock import Clock
from agent.inference.reach import Reach
from shared.documents import Cluster
from shared.documents.stream import StreamsReport
from shared.errors import ClusterError, ControlPlaneError
from shared.kafka import connect, consumer, is_connected, stop_within, translated

_POLL_MS = 1000
# A group that is contested lets nobody in for this long at most.
_JOIN_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0
_TAKEN_AT_ONCE = 200

Taken = Mapping[TopicPartition, Sequence[ConsumerRecord[Any, Any]]]


@dataclass(slots=True, kw_only=True)
class Watch:
    """`tell` returns once the control plane has acknowledged. `changed`: another `trouble`, or it `has_begun`."""

    cluster: Cluster
    control_topic: str
    group: str
    tell: Callable[[StreamsReport], Awaitable[None]]
    persistence: Persistence
    changed: Callable[[], None]
    clock: Clock
    has_begun: bool = field(default=False, init=False)
    found: int = field(default=0, init=False)
    refused: int = field(default=0, init=False)
    _absence: str = field(default="", init=False)
    _reach: Reach | None = field(default=None, init=False)

    @property
    def trouble(self) -> str:
        return self.persistence.trouble or (self._reach.trouble if self._reach else "") or self._absence

    async def run(self) -> None:
        """Until cancelled. Raises ClusterError, ControlPlaneError for what only a person can mend."""
        while True:
            try:
                await self._until_there()
                await self._follow()
            except (ClusterError, ControlPlaneError) as error:
                if not may_pass(error):
                    raise
                await self.persistence.wait_out(error)

    async def _until_there(self) -> None:
        """A topic is made by who sends to it first."""
        await until_there(self.cluster, self.control_topic, missing=self._miss)
        self._stand(absence="")

    def _miss(self) -> None:
        self.persistence.worked()
        self._stand(absence=f"waits for topic {self.control_topic!r}, which nobody has sent to yet")

    async def _follow(self) -> None:
        """From the last commit on, by a member of its own: what was taken and not committed is forgotten with it."""
        client = consumer(self.cluster, group=self.group, read_committed=True)
        client.subscribe([self.control_topic])
        with translated(self.cluster.name):
            try:
                async with asyncio.timeout(_JOIN_TIMEOUT_S):
                    await connect(client)
                self._reach = self._reached(client)
                self._begin()
                while True:
                    taken = await client.getmany(timeout_ms=_POLL_MS, max_records=_TAKEN_AT_ONCE)
                    self._reach.look()
                    await self._take(client, taken)
            finally:
                self._reach = None
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _take(self, client: AIOKafkaConsumer, taken: Taken) -> None:
        records = [record for group in taken.values() for record in group]
        news = [found(one.partition, one.offset, one.timestamp, one.key, one.value) for one in records]
        for lot in together(news):
            await self.tell(
                StreamsReport(cluster=self.cluster.name, control_topic=self.control_topic, found=tuple(lot))
            )
        if news:
            await client.commit({partition: group[-1].offset + 1 for partition, group in taken.items()})
            self.found += len(news)
            self.refused += sum(1 for one in news if one.refused)
        # Not before: to have read them once more is no sign that the control plane is back.
        self.persistence.worked()

    def _reached(self, client: AIOKafkaConsumer) -> Reach:
        return Reach(
            self.cluster.name, is_connected=lambda: is_connected(client), changed=self.changed, clock=self.clock
        )

    def _begin(self) -> None:
        if not self.has_begun:
            self.has_begun = True
            self.changed()

    def _stand(self, *, absence: str) -> None:
        self.has_begun = self.has_begun or bool(absence)
        if absence != self._absence:
            self._absence = absence
            self.changed()
