"""How long records take to a cluster's broker and back."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agent.profiling.figures import link
from shared.documents import Cluster
from shared.documents.profile import MeasuredLink
from shared.errors import ClusterError
from shared.kafka import admin, connect, consumer, ensure_topic, producer, stop_within, translated

SMALL, LARGE = 1_000, 200_000
_WARMING, _MOST = 3, 20
_STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMeasurement:
    """`monotonic` in seconds. What it took by `budget_s` counts, or it fails."""

    cluster: Cluster
    topic: str
    repetitions: int
    budget_s: float
    monotonic: Callable[[], float]

    async def run(self) -> MeasuredLink:
        """Raises ClusterError."""
        try:
            async with asyncio.timeout(self.budget_s):
                async with admin(self.cluster) as client:
                    await ensure_topic(client, self.cluster, self.topic, partitions=1)
                return await self._measured()
        except TimeoutError as error:
            raise ClusterError(
                f"cluster {self.cluster.name!r}: its link was not measured within {self.budget_s:,.10g} s"
            ) from error

    async def _measured(self) -> MeasuredLink:
        partition = TopicPartition(self.topic, 0)
        up = producer(self.cluster)
        down = consumer(self.cluster, group=None, start_offset="latest")
        with translated(self.cluster.name):
            try:
                await connect(up)
                await connect(down)
                down.assign([partition])
                # From now on: nothing is to be read that an earlier measurement left there.
                await down.seek_to_end(partition)
                await down.position(partition)
                return await self._ways(up, down)
            finally:
                for client in (up, down):
                    await stop_within(client, _STOP_TIMEOUT_S)

    async def _ways(self, up: AIOKafkaProducer, down: AIOKafkaConsumer) -> MeasuredLink:
        """Both sizes in turn, as the link's other load changes. Over a slow one, fewer."""
        taken: dict[int, list[float]] = {SMALL: [], LARGE: []}
        began = self.monotonic()
        for number in range(_WARMING + min(_MOST, self.repetitions)):
            if number >= 2 * _WARMING and self.monotonic() - began > self.budget_s / 2:
                break
            for size, found in taken.items():
                seconds = await self._there_and_back(up, down, size)
                if number >= _WARMING:
                    found.append(seconds)
        return link(SMALL, LARGE, taken[SMALL], taken[LARGE])

    async def _there_and_back(self, up: AIOKafkaProducer, down: AIOKafkaConsumer, size: int) -> float:
        # Of bytes that nothing on the way makes smaller.
        content = os.urandom(size)
        began = self.monotonic()
        sending = await up.send(self.topic, content, partition=0)
        while (await down.getone()).value != content:
            pass
        seconds = self.monotonic() - began
        await sending
        return seconds
