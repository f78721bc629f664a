"""What a node can run: one protocol for inference, training, participants and coordinators."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agent.artifacts import Wanted
from agent.clock import Clock
from agent.metrics import Metrics
from agent.traces import Traces
from shared.documents import Cluster, RunResult, WorkloadStatus
from shared.documents.federation_workloads import FederationReport
from shared.documents.profile import TierTimes
from shared.documents.stream import StreamsReport
from shared.errors import FoglineError


class RestartNeededError(FoglineError):
    """`update` cannot apply this document live: drain, then start with the new one."""


class RunningWorkload(Protocol):
    """The life of one workload on this node. The runner owns its task; reconcile never sees it.

    One that has done all there was to do says `finished`, and one that nothing but another document mends may say
    `failed`, `for_good`; both then idle until they are drained.
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


class Upload(Protocol):
    async def __call__(self, file: Path, sha256: str, /, *, sent: Callable[[int], None]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Federating:
    """What a node gives to the workloads of a federation beside everything else.

    `signature` of bytes, by the node's own key; raises StorageError. `own_cluster`: a cluster that stands whole in this
    node's settings, by its name there; raises SettingsError. `policy_file` None: this site takes part in nothing.
    `report` returns once the control plane has acknowledged; raises ControlPlaneError.
    """

    signature: Callable[[bytes], bytes]
    own_cluster: Callable[[str], Cluster]
    policy_file: Path | None
    report: Callable[[FederationReport], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a node gives to a workload beside its document.

    `artifact` gives the path of the verified file, fetched first where it is missing; raises ArtifactError,
    ControlPlaneError, StorageError. `spool_directory` is this workload's own and outlives it.
    `changed` is to be called whenever `status()` begins to answer differently, counters aside. `traces` None: no
    record's way is told to anybody. `streams` returns once the control plane has acknowledged; raises
    ControlPlaneError.

    `common` is a folder of all workloads of this kind on this node; what is to stay there is the kind's to say (`Kind`
    in workloads.py). `upload` sends a file named by its digest and tells how many bytes of it have arrived; raises
    StorageError, ControlPlaneError. `hand_in` gives the result of a training run, `profiled` the times of a
    tier; both raise ControlPlaneError. `federating` None: of a kind that has nothing to do with federations.
    """

    node: str
    boot_id: str
    clock: Clock
    metrics: Metrics
    artifact: Callable[[Wanted], Awaitable[Path]]
    spool_directory: Path
    changed: Callable[[], None]
    streams: Callable[[StreamsReport], Awaitable[None]]
    common: Path
    upload: Upload
    hand_in: Callable[[int, RunResult], Awaitable[None]]
    profiled: Callable[[TierTimes], Awaitable[None]]
    traces: Traces | None = None
    federating: Federating | None = None


Factory = Callable[[Any, Surroundings], RunningWorkload]
"""Takes the document of its own kind."""
