"""How a run stands on this node, kept for its status and counted for its metrics."""

from collections.abc import Callable

import msgspec

from agent.metrics import Metrics
from agent.training.events import Noticed
from agent.training.fitting import progress as fitting
from agent.training.online.events import Drifted
from agent.training.reading.task import Read, Waiting
from agent.training.running.counts import TrainingCounts
from agent.training.running.crashes import further
from agent.training.running.ledger import Reached
from agent.training.running.telling import Event, noticed, staged, told
from shared.documents import Phase, Stage, TrainingProgress, WorkloadStatus
from shared.documents.training_workloads import TRAINING, TrainingWorkload

# What a person waits for; a step or an offset more is told when the next report goes out anyway.
_NEWS = (fitting.PhaseBegun, fitting.EpochEnded, Noticed, Drifted)


class Account:
    """`changed` is called whenever `status()` begins to answer differently, how far a stage has come aside."""

    def __init__(self, document: TrainingWorkload, metrics: Metrics, changed: Callable[[], None]) -> None:
        self._id = document.id
        self._changed = changed
        self._phase = Phase.STARTING
        self._reason = ""
        self._progress = TrainingProgress(attempt=document.attempt, stage=Stage.FETCHING)
        self._counts = TrainingCounts.of(
            metrics, workload=document.id, request=document.request, network=document.network.name
        )
        self._counted: dict[type, int] = {}
        self._is_resumed = False
        self._reached = Reached()

    def enter(self, phase: Phase, *, reason: str = "") -> None:
        self._phase, self._reason = phase, reason
        if phase is Phase.FINISHED:
            self._progress = staged(self._progress, Stage.FINISHED)
        elif phase is Phase.FAILED:
            self._progress = staged(self._progress, Stage.FAILED)
        self._changed()

    def stage(self, stage: Stage) -> None:
        if stage is not self._progress.stage:
            self._reason = ""
        self._progress = staged(self._progress, stage)
        self._changed()

    def wait(self, reason: str) -> None:
        """Why nothing goes on; until it does again."""
        if reason != self._reason:
            self._reason = reason
            self._changed()

    def notice(self, text: str) -> None:
        self._progress = noticed(self._progress, text)
        self._changed()

    def crashed(self, reason: str) -> None:
        self._counts.crashes.add()
        self.notice(reason)

    def arrived(self, done: int, total: int) -> None:
        """Bytes of the results that the control plane has."""
        self._reason = ""
        self._progress = msgspec.structs.replace(self._progress, done=done, total=total)

    def heard(self, event: Event) -> None:
        self._reason = ""
        self._reached = further(self._reached, event)
        self._progress = told(self._progress, event)
        self._is_resumed = self._is_resumed or isinstance(event, fitting.Resumed)
        if isinstance(event, Read | fitting.Stepped):
            self._count(event)
        if isinstance(event, Waiting):
            self.wait("another run on this node reads the same stream: waiting for it")
        elif isinstance(event, _NEWS):
            self._changed()

    @property
    def reached(self) -> Reached:
        """As far as its processes have said since this account was opened."""
        return self._reached

    def status(self) -> WorkloadStatus:
        return WorkloadStatus(
            id=self._id,
            kind=TRAINING,
            phase=self._phase,
            reason=self._reason,
            training=self._progress,
            for_good=self._phase is Phase.FAILED,
        )

    def _count(self, event: Read | fitting.Stepped) -> None:
        """What is done again after a crash is not counted again, nor what a process before this agent's has done."""
        counter = self._counts.offsets if isinstance(event, Read) else self._counts.steps
        done = self._progress.done
        counted = self._counted.setdefault(type(event), done if self._is_resumed else 0)
        counter.add(max(0, done - counted))
        self._counted[type(event)] = max(done, counted)
