"""The log and what it amounts to, side by side: a decision is written, then enacted, never the other way round."""

import asyncio
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from agent.federation.aggregation.strategy import Contribution
from agent.federation.coordinator.decisions import AnyDecision, Noised
from agent.federation.coordinator.log import Log
from agent.federation.coordinator.replica import Replica
from agent.federation.coordinator.standing import LogError, Standing
from agent.federation.privacy.sealing import Seal, SealError


@dataclass(slots=True, kw_only=True)
class Book:
    """`behind`: the offset behind the last decision. `decisions`, `update_bytes`: of those since the last snapshot."""

    log: Log
    producer: AIOKafkaProducer
    replica: Replica
    seal: Seal
    behind: int
    decisions: int = field(default=0, init=False)
    update_bytes: int = field(default=0, init=False)
    snapshot_bytes: int = field(default=0, init=False)

    @property
    def standing(self) -> Standing:
        return self.replica.standing

    async def write(
        self, decision: AnyDecision, contribution: Contribution | None = None, *, update_bytes: int = 0
    ) -> None:
        """Raises ClusterError, after which only reading the log again can tell, FencedError, LogError."""
        # 1. It is true from now on, whoever coordinates.
        offset = await self.log.append(self.producer, decision)
        # 2. What follows from it; arithmetic on a large model must not keep the agent from being heard of.
        await asyncio.to_thread(self.follow, offset, decision, contribution, update_bytes=update_bytes)

    def follow(
        self, offset: int, decision: AnyDecision, contribution: Contribution | None = None, *, update_bytes: int = 0
    ) -> None:
        """A decision that stands in the log at `offset`. Raises LogError."""
        self.replica.enact(decision, contribution, seed=self._seed(decision))
        self.behind = offset + 1
        self.decisions += 1
        self.update_bytes += update_bytes

    def snapped(self, size: int) -> None:
        self.decisions, self.update_bytes, self.snapshot_bytes = 0, 0, size

    def _seed(self, decision: AnyDecision) -> bytes | None:
        if not isinstance(decision, Noised):
            return None
        try:
            return self.seal.opened(decision.round, decision.seed)
        except SealError as error:
            raise LogError(str(error)) from error
