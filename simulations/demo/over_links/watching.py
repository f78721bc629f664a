"""How far a way has come while it runs: the ends of its topics' logs, asked for beside the links and without a record.

An end is a count because nothing here is transactional: then markers would take places in the logs too.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from shared import topics
from shared.documents import Deployment
from shared.kafka import consumer, translated
from simulations.running.repetition import Repetition, deployment_of
from simulations.running.site import Site

LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`sent`: records in the first tier's topic, of `wanted`; `answered` by tier."""

    sent: int
    wanted: int
    answered: dict[str, int]


Show = Callable[[Seen], None]


@contextmanager
def watched(site: Site, repetition: Repetition, show: Show) -> Iterator[None]:
    """`show` is called from a thread until the block ends."""
    has_ended = threading.Event()
    with ThreadPoolExecutor(1, thread_name_prefix="watching") as pool:
        watching = pool.submit(lambda: asyncio.run(_watch(site, repetition, show, has_ended)))
        try:
            yield
        finally:
            has_ended.set()
        watching.result()


async def _watch(site: Site, repetition: Repetition, show: Show, has_ended: threading.Event) -> None:
    deployment, wanted = deployment_of(repetition), sum(map(len, repetition.due_s))
    async with AsyncExitStack() as open_:
        logs = {tier.tier: await _log(open_, site, tier.tier, deployment) for tier in deployment.tiers}
        first = deployment.tiers[0]
        while not has_ended.is_set():
            sent = await logs[first.tier].records(topics.input_topic(deployment, first), first.partitions or 1)
            answered = {tier: await log.answers() for tier, log in logs.items()}
            show(Seen(sent=sent, wanted=wanted, answered=answered))
            await asyncio.sleep(LOOK_EVERY_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """One cluster's."""

    name: str
    reader: AIOKafkaConsumer
    answers_topic: str
    partitions: int

    async def answers(self) -> int:
        return await self.records(self.answers_topic, self.partitions)

    async def records(self, topic: str, partitions: int) -> int:
        """0 where there is no such topic yet; asking for its end would make it."""
        with translated(self.name):
            if topic not in await self.reader.topics():
                return 0
            ends = await self.reader.end_offsets([TopicPartition(topic, number) for number in range(partitions)])
            return sum(ends.values())


async def _log(open_: AsyncExitStack, site: Site, tier: str, deployment: Deployment) -> _Log:
    cluster = site.cluster(tier)
    with translated(cluster.name):
        reader = consumer(cluster, group=None)
        await reader.start()
    open_.push_async_callback(reader.stop)
    return _Log(
        name=cluster.name,
        reader=reader,
        answers_topic=topics.answers_topic(deployment),
        partitions=cluster.topics.partitions,
    )
