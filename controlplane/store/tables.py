"""The tables. Documents are kept as the bytes they travel in; columns are only what a query or an update needs."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary
from sqlmodel import Field, SQLModel


def _key_of(column: str) -> Column[str]:
    """Part of a primary key; the row goes with what it refers to."""
    return Column(ForeignKey(column, ondelete="CASCADE"), primary_key=True)


class NodeRow(SQLModel, table=True):
    """`generation` counts the changes of `assigned`, its workloads' revisions; `statuses` is what the node says.

    Times are seconds since the epoch.
    """

    __tablename__ = "node"

    name: str = Field(primary_key=True)
    labels: bytes = Field(sa_type=LargeBinary)
    facts: bytes = Field(sa_type=LargeBinary)
    statuses: bytes = Field(sa_type=LargeBinary)
    enrolled_at: float
    last_seen: float | None = None
    draining: bool = False
    needs_confirmation: bool = False
    generation: int = 0
    assigned: str = ""
    observed_generation: int = 0
    highest_generation: int = 0
    boot_id: str = ""
    report_sequence: int = -1


class CredentialRow(SQLModel, table=True):
    """A bearer credential as its SHA-256; `node` is None for the operator's."""

    __tablename__ = "credential"

    sha256: str = Field(primary_key=True)
    node: str | None = Field(sa_column=Column(ForeignKey("node.name", ondelete="CASCADE"), nullable=True, index=True))


class EnrolmentTokenRow(SQLModel, table=True):
    __tablename__ = "enrolment_token"

    sha256: str = Field(primary_key=True)
    labels: bytes = Field(sa_type=LargeBinary)
    expires_at: float
    used_at: float | None = None
    used_by: str | None = None


class ClusterRow(SQLModel, table=True):
    __tablename__ = "cluster"

    name: str = Field(primary_key=True)
    document: bytes = Field(sa_type=LargeBinary)


class ModelVersionRow(SQLModel, table=True):
    """`document` is as it was registered; what can change of a version is beside it. `weights`: the file of the run
    that made it, from which another run can start."""

    __tablename__ = "model_version"

    name: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    digest: str
    document: bytes = Field(sa_type=LargeBinary)
    note: str = ""
    weights: bytes | None = Field(default=None, sa_type=LargeBinary)


class DeploymentRow(SQLModel, table=True):
    """`document` has its version pinned. `rollout` and `unplaced` are what the last pass of the scheduler decided."""

    __tablename__ = "deployment"

    name: str = Field(primary_key=True)
    document: bytes = Field(sa_type=LargeBinary)
    rollout: bytes = Field(sa_type=LargeBinary)
    unplaced: bytes = Field(sa_type=LargeBinary)
    etag: str
    created_at: float
    updated_at: float


class WorkloadRow(SQLModel, table=True):
    """A workload document, once, however many nodes run it."""

    __tablename__ = "workload"

    revision: str = Field(primary_key=True)
    document: bytes = Field(sa_type=LargeBinary)


class PlacementRow(SQLModel, table=True):
    """One workload on one node; `since` when it has had this revision, in seconds since the epoch.

    `owner` is who wants it, as in `deployment/net`: once that is gone, the next pass of the scheduler takes it away.
    """

    __tablename__ = "placement"
    __table_args__ = (Index("placement_by_node", "node"),)

    owner: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    node: str = Field(sa_column=_key_of("node.name"))
    revision: str = Field(foreign_key="workload.revision")
    since: float


class PhaseRow(SQLModel, table=True):
    """Since when, by this clock, a node has said that a workload is in a phase: what deadlines are counted from."""

    __tablename__ = "phase"

    node: str = Field(sa_column=_key_of("node.name"))
    workload: str = Field(primary_key=True)
    phase: str
    boot_id: str
    since: float


class EventRow(SQLModel, table=True):
    """`sequence` is never given twice, even after the oldest events were removed."""

    __tablename__ = "event"
    __table_args__ = {"sqlite_autoincrement": True}

    sequence: int | None = Field(default=None, primary_key=True)
    time: float
    kind: str
    subject: str
    detail: bytes = Field(sa_type=LargeBinary)


class NetworkRow(SQLModel, table=True):
    __tablename__ = "network"

    name: str = Field(primary_key=True)
    document: bytes = Field(sa_type=LargeBinary)


class ConfigurationRow(SQLModel, table=True):
    __tablename__ = "configuration"

    name: str = Field(primary_key=True)
    document: bytes = Field(sa_type=LargeBinary)


class TrainingRequestRow(SQLModel, table=True):
    """`document` has its number pinned. `waits_since`, by the wall clock: since when it has waited under this number
    on this topic; `created_at`: since when there is a request of this name.
    """

    __tablename__ = "training_request"

    name: str = Field(primary_key=True)
    number: int = Field(unique=True)
    document: bytes = Field(sa_type=LargeBinary)
    waits_since: float
    created_at: float


class StreamRow(SQLModel, table=True):
    """An announced stream; `number`, `control_topic` and `announced_at` as of its latest announcement.

    `seen_at`: when it was first told of here; `expired_since`: from when on nothing of it was left; by the wall clock.
    """

    __tablename__ = "stream"

    id: str = Field(primary_key=True)
    cluster: str = Field(index=True)
    control_topic: str
    number: int
    announcement: bytes = Field(sa_type=LargeBinary)
    announced_at: float
    seen_at: float
    expired_since: float | None = None


class AnnouncementRow(SQLModel, table=True):
    """A record of a control topic that was taken in. `timestamp_ms` too, as a topic made anew repeats offsets."""

    __tablename__ = "announcement"

    cluster: str = Field(primary_key=True)
    control_topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    offset: int = Field(primary_key=True, sa_type=BigInteger)
    timestamp_ms: int = Field(primary_key=True, sa_type=BigInteger)


class KeptRow(SQLModel, table=True):
    """Which offsets a Kafka partition held when last looked at, by the wall clock."""

    __tablename__ = "kept"

    cluster: str = Field(primary_key=True)
    topic: str = Field(primary_key=True)
    partition: int = Field(primary_key=True)
    first: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)
    looked_at: float


class RunRow(SQLModel, table=True):
    """`document` is the whole of it. No number is given twice."""

    __tablename__ = "run"
    __table_args__ = (
        Index("run_by_request", "request"),
        Index("run_by_state", "state"),
        Index("run_by_stream", "stream"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    request: str
    network: str
    stream: str
    state: str
    node: str | None = None
    document: bytes = Field(sa_type=LargeBinary)


class ModelRow(SQLModel, table=True):
    """The highest number that a version of this model was ever given."""

    __tablename__ = "model"

    name: str = Field(primary_key=True)
    last_version: int


class AliasRow(SQLModel, table=True):
    __tablename__ = "model_alias"

    model: str = Field(primary_key=True)
    alias: str = Field(primary_key=True)
    version: int


class ProfileRow(SQLModel, table=True):
    """`document` is the whole of it."""

    __tablename__ = "profile"

    name: str = Field(primary_key=True)
    state: str = Field(index=True)
    document: bytes = Field(sa_type=LargeBinary)


class FederationRow(SQLModel, table=True):
    """One edition of a federation: `document` is the whole of it but for `progress`, which its coordinator tells."""

    __tablename__ = "federation"

    name: str = Field(primary_key=True)
    is_over: bool = Field(index=True)
    document: bytes = Field(sa_type=LargeBinary)
    progress: bytes = Field(sa_type=LargeBinary)


class FederationNameRow(SQLModel, table=True):
    """The highest edition that a federation of this name was ever given."""

    __tablename__ = "federation_name"

    name: str = Field(primary_key=True)
    last_edition: int
