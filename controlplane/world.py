"""Everything that a pass may look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from controlplane.federations import Federated
from controlplane.fleet import Node
from controlplane.profiles import Profile
from controlplane.rollout import Rollout, VersionRef
from controlplane.runs import Run
from shared.documents import Cluster, Deployment, ModelVersion, Phase, TrainingRequest, WorkloadStatus
from shared.streams.ranges import Range

Share = tuple[str, str, str]
"""(owner, part, node)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    deployment: Deployment
    rollout: Rollout


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A share as it is written down; `since` is when it got this revision, in seconds since the epoch.

    `owner` is who wants it, as in `deployment/net`, and `part` which of its shares this is: a tier, or nothing.
    """

    owner: str
    part: str
    node: str
    revision: str
    since: float

    @property
    def share(self) -> Share:
        return self.owner, self.part, self.node


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`now` by the steady clock, `wall` by the wall's. `status_of(node, workload id)` is what the node said last.

    `runs`, `profiles` and `federations` are those that are not over. `looked_after`, by cluster: ranges of its streams,
    the newest first.
    """

    now: float
    wall: float
    retention_s: float
    nodes: Sequence[Node]
    desired: Sequence[Desired]
    models: Mapping[VersionRef, ModelVersion]
    clusters: Mapping[str, Cluster]
    placed: Sequence[Placed]
    status_of: Callable[[str, str], WorkloadStatus | None]
    runs: Sequence[Run] = ()
    requests: Sequence[TrainingRequest] = ()
    looked_after: Mapping[str, Sequence[Range]] = field(default_factory=dict)
    profiles: Sequence[Profile] = ()
    federations: Sequence[Federated] = ()


def runs(status: WorkloadStatus | None, placed: Placed, versions: Sequence[str] = ()) -> bool:
    """Whether the node says that it runs this very document, with at least these versions loaded."""
    return (
        status is not None
        and status.phase is Phase.RUNNING
        and status.revision == placed.revision
        and set(versions) <= set(status.versions)
    )
