"""What nodes say of themselves and of what they run."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.progress import TrainingProgress
from shared.documents.types import ApiVersion, Bytes, Count, Labels, Message, Name


class NodeFacts(Message, frozen=True, kw_only=True):
    """What a node has, as it found out itself. `report_interval_s`: how often it is heard from; 0: it does not say.
    `public_key`: of the half that it signs updates with, base64; empty of a node that takes part in no federation.
    """

    cores: Count = 1
    memory_bytes: Bytes = 0
    gpu_memory_bytes: Bytes = 0
    architecture: str = ""
    operating_system: str = ""
    backends: tuple[Name, ...] = ()
    workload_kinds: tuple[str, ...] = ()
    agent_version: str = ""
    report_interval_s: Annotated[float, Meta(ge=0)] = 0.0
    public_key: Annotated[str, Meta(max_length=64)] = ""


class Phase(StrEnum):
    """`starting` and `draining` have deadlines; past them the workload is `failed`. `finished`: has done all there was
    to do, and waits to be taken away."""

    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    DRAINING = "draining"
    STOPPED = "stopped"
    FAILED = "failed"


class WorkloadStatus(Message, frozen=True, kw_only=True):
    """`reason` says why a workload is not running, or why it runs an older version than assigned (`degraded`).

    `for_good`: it failed, and is not tried again: nothing but another document mends that.
    `revision` is the digest of the workload document this answers to. `counters` are totals since the agent started:
    `records_in`, `answered`, `forwarded`, `dead_lettered`, `degraded`, `spooled`, `lag`.
    """

    id: str
    kind: str
    phase: Phase
    reason: str = ""
    revision: str = ""
    versions: tuple[str, ...] = ()
    threshold: float | None = None
    uplink: str = "up"
    since: str = ""
    deadline: str | None = None
    counters: dict[str, float] = {}
    training: TrainingProgress | None = None
    for_good: bool = False


class NodeReport(Message, frozen=True, kw_only=True):
    """One batch of statuses; sent again until the control plane has acknowledged its `sequence`."""

    api_version: ApiVersion = "fogline/v1"
    node: Name
    boot_id: str
    sequence: Annotated[int, Meta(ge=0)]
    observed_generation: Annotated[int, Meta(ge=0)]
    highest_generation: Annotated[int, Meta(ge=0)]
    refused_generation: Annotated[int, Meta(ge=0)] | None = None
    facts: NodeFacts
    workloads: tuple[WorkloadStatus, ...] = ()


class NodeState(StrEnum):
    """`stale`: not heard from; shown with its last time seen, never as healthy."""

    ENROLLED = "enrolled"
    READY = "ready"
    DRAINING = "draining"
    STALE = "stale"


class NodeView(Message, frozen=True, kw_only=True):
    api_version: ApiVersion = "fogline/v1"
    name: Name
    labels: Labels
    state: NodeState
    last_seen: str | None = None
    generation: int = 0
    observed_generation: int = 0
    highest_generation: int = 0
    needs_confirmation: bool = False
    facts: NodeFacts = NodeFacts()
    workloads: tuple[WorkloadStatus, ...] = ()


class Unplaced(Message, frozen=True, kw_only=True):
    """A share of a deployment that runs nowhere, and the remedy."""

    tier: Name
    missing: Count
    reason: str


class WorkloadView(Message, frozen=True, kw_only=True):
    """One workload of a deployment: where, and how it is. `phase` is `stale` for a node not heard from."""

    node: Name
    tier: Name
    phase: str
    reason: str = ""
    versions: tuple[str, ...] = ()
    threshold: float | None = None
    applied: bool = False
    last_seen: str | None = None
    counters: dict[str, float] = {}


class DeploymentStatus(Message, frozen=True, kw_only=True):
    """`ready` when everything is placed, applied and running on nodes that are heard from."""

    api_version: ApiVersion = "fogline/v1"
    name: Name
    version: Count
    ready: bool
    workloads: tuple[WorkloadView, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()


class DeploymentPlan(Message, frozen=True, kw_only=True):
    """What a `PUT` would do: the answer of `dry_run`."""

    api_version: ApiVersion = "fogline/v1"
    name: Name
    version: Count
    changed: bool
    placements: tuple[WorkloadView, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
