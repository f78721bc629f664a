"""Reading a site's control topic from its beginning, by no group: every start of a participant reads all of it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from agent.announcements.persistence import Persistence
from agent.announcements.topics import until_there
from agent.federation.participant.catalogue import Catalogue, read
from shared.documents import Cluster
from shared.documents.stream import AnnouncementFound
from shared.errors import ClusterError
from shared.kafka import connect, consumer, stop_within, translated

logger = logging.getLogger(__name__)

_POLL_MS = 1000
_STOP_TIMEOUT_S = 5.0
_TAKEN_AT_ONCE = 200


@dataclass(slots=True, kw_only=True)
class Listening:
    """`has_caught_up`: all that was in the topic when it was first looked at is in the catalogue."""

    cluster: Cluster
    control_topic: str
    persistence: Persistence
    news: Callable[[], None]
    catalogue: Catalogue = field(default_factory=Catalogue)
    has_caught_up: bool = field(default=False, init=False)

    @property
    def trouble(self) -> str:
        """Why nothing is heard; empty while it is."""
        return self.persistence.trouble

    async def run(self) -> None:
        """Until cancelled: a site's Kafka that is away, or refuses, is waited for."""
        while True:
            try:
                there = await until_there(self.cluster, self.control_topic, missing=self._miss)
                await self._follow([TopicPartition(self.control_topic, one) for one in sorted(there)])
            except ClusterError as error:
                await self.persistence.wait_out(error)

    def _miss(self) -> None:
        """Nobody has announced anything yet."""
        self.persistence.worked()
        self._catch_up()

    async def _follow(self, partitions: list[TopicPartition]) -> None:
        client = consumer(self.cluster, group=None, read_committed=True)
        with translated(self.cluster.name):
            try:
                await connect(client)
                client.assign(partitions)
                await client.seek_to_beginning(*partitions)
                ends = await client.end_offsets(partitions)
                while True:
                    await self._take(client)
                    if not self.has_caught_up and await _is_behind(client, ends):
                        self._catch_up()
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _take(self, client: AIOKafkaConsumer) -> None:
        taken = await client.getmany(timeout_ms=_POLL_MS if self.has_caught_up else 50, max_records=_TAKEN_AT_ONCE)
        records = [record for some in taken.values() for record in some]
        for one in records:
            self._hear(read(one.partition, one.offset, one.timestamp, one.value))
        self.persistence.worked()
        if records:
            self.news()
            # A topic of many announcements must not keep everything else waiting.
            await asyncio.sleep(0)

    def _hear(self, record: AnnouncementFound) -> None:
        refusals = self.catalogue.refusals
        self.catalogue.take(record)
        if self.catalogue.refusals > refusals:
            # For the people of the site: a platform is told how many there are.
            latest = self.catalogue.refused[-1]
            where = {"topic": self.control_topic, "partition": latest.partition, "offset": latest.offset}
            logger.warning("announcement cannot be read", extra={**where, "reason": latest.refused})

    def _catch_up(self) -> None:
        if not self.has_caught_up:
            self.has_caught_up = True
            self.news()


async def _is_behind(client: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    """Whether all of it, up to these ends, is behind the reader."""
    return all([await client.position(one) >= end for one, end in ends.items()])
