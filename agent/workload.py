"""What a node can run: one protocol for inference, training, participants and coordinators."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agent.clock import Clock
from agent.metrics import Metrics
from agent.traces import Traces
from shared.documents import Artifact, WorkloadStatus
from shared.documents.stream import StreamsReport
from shared.errors import FoglineError


class RestartNeededError(FoglineError):
    """`update` cannot apply this document live: drain, then start with the new one."""


class RunningWorkload(Protocol):
    """The life of one workload on this node. The runner owns its task; reconcile never sees it.

    One that has done all there was to do says `finished`, and one that nothing but another document mends may say
    `failed`; both then idle until they are drained.
    """

    async def run(self) -> None:
        """Run until drained or cancelled; raise to fail and be tried again, after a while. Cancelled: stop at once,
        losing nothing that was promised."""
        ...

    async def update(self, document: Any, /) -> None:  # noqa: ANN401 - of its own kind
        """Apply a changed document without a restart. Raises when it cannot; the old one then keeps running."""
        ...

    async def drain(self) -> None:
        """Take no new work, finish what was begun, return. Idempotent."""
        ...

    def status(self) -> WorkloadStatus: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a node gives to a workload beside its document.

    `artifact` gives the path of the verified file, fetched first where it is missing; raises ArtifactError,
    ControlPlaneError, StorageError. `spool_directory` is this workload's own and outlives it.
    `changed` is to be called whenever `status()` begins to answer differently, counters aside. `traces` None: no
    record's way is told to anybody. `streams` returns once the control plane has acknowledged; raises
    ControlPlaneError.
    """

    node: str
    boot_id: str
    clock: Clock
    metrics: Metrics
    artifact: Callable[[Artifact], Awaitable[Path]]
    spool_directory: Path
    changed: Callable[[], None]
    streams: Callable[[StreamsReport], Awaitable[None]]
    traces: Traces | None = None


Factory = Callable[[Any, Surroundings], RunningWorkload]
"""Takes the document of its own kind."""
