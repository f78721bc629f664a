"""Inference of one sub-model on this node: its parts put together, started, changed, drained, reported."""

import asyncio
import logging
from contextlib import AsyncExitStack
from random import Random

from agent.backends.registry import choose
from agent.inference.assembly import Assembly
from agent.inference.changes import require_live
from agent.inference.metrics import InferenceMetrics
from agent.inference.parts import Parts
from agent.inference.soundness import require_sound
from agent.inference.sub_models import ChooseBackend, SubModels
from agent.workload import Surroundings
from shared.documents import INFERENCE, InferenceWorkload, Phase, WorkloadStatus

logger = logging.getLogger(__name__)

# Deliveries that take longer than this are worth a word in the status.
_PATIENCE_S = 5.0


class Inference:
    """Satisfies `agent.workload.RunningWorkload`."""

    def __init__(
        self,
        document: InferenceWorkload,
        surroundings: Surroundings,
        *,
        random: Random | None = None,
        choose: ChooseBackend = choose,
    ) -> None:
        self._document = document
        self._surroundings = surroundings
        self._random = random or Random()  # noqa: S311 - jitter, not a secret
        self._sub_models = SubModels(node=surroundings.node, artifact=surroundings.artifact, choose=choose)
        self._metrics = InferenceMetrics.of(
            surroundings.metrics, workload=document.id, deployment=document.deployment, tier=document.tier
        )
        self._parts: Parts | None = None
        self._changing = asyncio.Lock()
        self._draining = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        try:
            async with AsyncExitStack() as resources:
                require_sound(self._document)
                assembly = Assembly(
                    self._document, self._surroundings, self._sub_models, self._metrics, self._random, resources
                )
                self._parts = await assembly.parts()
                await self._parts.run(self._draining)
        finally:
            self._parts = None
            self._ended.set()
            self._surroundings.changed()

    async def update(self, document: InferenceWorkload) -> None:
        """Raises RestartNeededError for what cannot change live; whatever it raises, the old document serves on."""
        async with self._changing:
            require_live(self._document, document)
            require_sound(document)
            if document.versions != self._document.versions:
                await self._sub_models.change(document)
            if self._parts is not None:
                self._parts.apply(document)
            self._document = document
        self._surroundings.changed()

    async def drain(self) -> None:
        self._draining.set()
        await self._ended.wait()

    def status(self) -> WorkloadStatus:
        document, parts = self._document, self._parts
        if parts is not None:
            self._metrics.lag.set(parts.intake.lag())
        return WorkloadStatus(
            id=document.id,
            kind=INFERENCE,
            phase=self._phase(),
            reason="; ".join(self._troubles()),
            versions=self._sub_models.ids,
            threshold=None if document.exit is None else document.exit.threshold,
            uplink="up" if parts is None or parts.uplink is None else parts.uplink.state.value,
            counters=self._metrics.totals(),
        )

    def _phase(self) -> Phase:
        if self._ended.is_set():
            return Phase.STOPPED
        if self._draining.is_set():
            return Phase.DRAINING
        return Phase.RUNNING if self._parts is not None and self._parts.ownership.is_joined else Phase.STARTING

    def _troubles(self) -> list[str]:
        troubles = [self._sub_models.trouble]
        if self._parts is not None:
            troubles += self._parts.troubles(_PATIENCE_S)
        return [trouble for trouble in troubles if trouble]
