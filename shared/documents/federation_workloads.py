"""The workloads of a federation, and what their nodes tell of it."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from shared.documents.assignment import Workload
from shared.documents.federation import Federation
from shared.documents.model import Lineage, ModelManifest
from shared.documents.network import NetworkSource
from shared.documents.progress import ExitScore
from shared.documents.run import RunFile
from shared.documents.training_workloads import StartingPoint
from shared.documents.types import ApiVersion, Count, Message, Name

COORDINATOR = "coordinator"
PARTICIPANT = "participant"


class CoordinatorWorkload(Workload, frozen=True, kw_only=True, tag_field="kind", tag=COORDINATOR):
    """`edition`: of the federations that ever had this name; it is part of every topic. `participants`: the public keys
    of those who may take part, by name, as wire/signing.py has them. `noise_key`: base64 of 32 secret bytes, under
    which seeds of noise are written down. `term` rises with each node that is given this part: one that gets it back
    begins anew, having been superseded meanwhile.

    All but `participants`, `is_paused` and `is_cancelled` stays as it is within a term.
    """

    federation: Federation
    edition: Count
    network: NetworkSource
    participants: dict[Name, str] = {}
    start_from: StartingPoint | None = None
    noise_key: str = ""
    term: Count = 1
    is_paused: bool = False
    is_cancelled: bool = False


class ParticipantWorkload(Workload, frozen=True, kw_only=True, tag_field="kind", tag=PARTICIPANT):
    """`clusters` holds the platform's alone: a site's own Kafka stands in its own settings."""

    federation: Federation
    edition: Count
    network: NetworkSource


class ParticipantStanding(Message, frozen=True, kw_only=True):
    """As the coordinator sees it. `base`: the round whose model its last update started from, -1 before it.
    `staleness`: of that update. `reason`: why its last update was refused; empty when it was not.
    """

    name: Name
    updates: int = 0
    refused: int = 0
    records: int = 0
    base: int = -1
    staleness: int = 0
    last_at: str | None = None
    reason: str = ""


class ModelScore(Message, frozen=True, kw_only=True):
    """One global model: what made it, and what it is worth. `site_metrics`: means of what sites said of theirs.

    `staleness`: of each update in it, by participant; empty where more than a hundred made it.
    """

    round: Annotated[int, Meta(ge=0)]
    at: str
    updates: int = 0
    staleness: dict[Name, int] = {}
    metrics: dict[str, float] = {}
    site_metrics: dict[str, float] = {}


class FederationProgress(Message, frozen=True, kw_only=True):
    """`round`: of the newest model, -1 before the first. `accepted` of `awaited` updates are in the round under way.

    `history`: the latest models, at most a thousand, oldest first. `epsilon`: what privacy has cost so far; null
    without. `ended`: the cause, empty while it goes on. `notices`: what an operator should know.
    """

    round: int = -1
    model: str = ""
    accepted: int = 0
    awaited: int = 0
    is_paused: bool = False
    participants: tuple[ParticipantStanding, ...] = ()
    history: tuple[ModelScore, ...] = ()
    epsilon: float | None = None
    ended: str = ""
    notices: tuple[str, ...] = ()


class FederationOutcome(Message, frozen=True, kw_only=True):
    """What the last model came to. `manifest` and `lineage` null: there was no evaluation, and so no version."""

    manifest: ModelManifest | None = None
    lineage: Lineage | None = None
    exits: tuple[str, ...] = ()
    test: dict[str, ExitScore] = {}
    files: tuple[RunFile, ...] = ()


class FederationReport(Message, frozen=True, kw_only=True):
    """Sent by the node that coordinates, until acknowledged; harmless when sent again. `outcome`: once it has ended."""

    api_version: ApiVersion = "fogline/v1"
    federation: Name
    edition: Count
    progress: FederationProgress
    outcome: FederationOutcome | None = None


class FederationState(StrEnum):
    """`waiting`: nobody coordinates. `ending`: the last model is judged and exported. The last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    ENDING = "ending"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (FederationState.FINISHED, FederationState.FAILED, FederationState.CANCELLED)


class SiteView(Message, frozen=True, kw_only=True):
    """One node that may take part: what it says of itself, and how the coordinator sees it."""

    node: Name
    phase: str
    reason: str = ""
    last_seen: str | None = None
    counters: dict[str, float] = {}
    standing: ParticipantStanding | None = None


class FederationView(Message, frozen=True, kw_only=True):
    """`federation`: as it was put. `coordinator`: the node. `model`, `version`: what it was registered as."""

    api_version: ApiVersion = "fogline/v1"
    federation: Federation
    edition: Count
    state: FederationState
    reason: str = ""
    coordinator: Name | None = None
    progress: FederationProgress = FederationProgress()
    sites: tuple[SiteView, ...] = ()
    model: Name | None = None
    version: Count | None = None
    files: tuple[RunFile, ...] = ()
    created_at: str
    ended_at: str | None = None
