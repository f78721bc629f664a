"""The parts of one running inference workload, while they run."""

import asyncio
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from agent.inference.departures import Rules
from agent.inference.intake import Intake
from agent.inference.memory import bounded_batching
from agent.inference.pipeline import Pipeline
from agent.inference.reach import Reach
from agent.inference.rebalance import Ownership
from agent.inference.uplink import Uplink
from agent.inference.work import Delivery
from shared.documents import InferenceWorkload
from shared.kafka import connect, translated


@dataclass(slots=True, kw_only=True)
class Parts:
    cluster: str
    consumer: AIOKafkaConsumer
    reach: Reach
    ownership: Ownership
    intake: Intake
    uplink: Uplink | None
    delivery: Delivery
    pipeline: Pipeline

    async def run(self, draining: asyncio.Event) -> None:
        """Until drained: the group is joined while the pipeline already waits for its partitions."""
        async with asyncio.TaskGroup() as tasks:
            joining = tasks.create_task(self._join())
            watching = tasks.create_task(self._drain_when(draining))
            try:
                await self.pipeline.run()
            finally:
                self.ownership.close()
                joining.cancel()
                watching.cancel()

    def apply(self, document: InferenceWorkload) -> None:
        """Between two micro-batches, as nothing here waits."""
        self.pipeline.rules = rules(document)
        self.intake.batching = bounded_batching(document)
        if self.uplink is not None and document.upper is not None:
            self.uplink.settings = document.upper.uplink

    def troubles(self, patience_s: float) -> list[str]:
        troubles = [self.reach.trouble, self.intake.trouble, *self.delivery.troubles(patience_s)]
        if self.ownership.is_spare:
            troubles.append("no Kafka partition is left for this replica")
        return troubles

    async def finish(self) -> None:
        self.intake.interrupt()
        self.delivery.leave()
        await self.pipeline.finish()

    async def _join(self) -> None:
        with translated(self.cluster):
            await connect(self.consumer)
        await self.reach.run()

    async def _drain_when(self, draining: asyncio.Event) -> None:
        await draining.wait()
        self.pipeline.drain()


def rules(document: InferenceWorkload) -> Rules:
    return Rules(policy=document.exit, features=None if document.upper is None else document.upper.features)
