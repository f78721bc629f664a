"""Training runs: what a node hands in at the end, what people see of them, and what a version remembers of its run."""

from typing import Annotated

from msgspec import Meta

from shared.documents.model import Lineage, ModelManifest
from shared.documents.progress import ExitScore, TrainingProgress
from shared.documents.training import RunState, VersionName
from shared.documents.types import ApiVersion, Bytes, Count, Message, Name, Sha256


class RunFile(Message, frozen=True, kw_only=True):
    """What a run left behind, uploaded as an artifact: `judgements.json`, `history.json`, `weights.npz`, ..."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$(?!\n)")]
    sha256: Sha256
    size_bytes: Bytes


class RunResult(Message, frozen=True, kw_only=True):
    """Sent by the node that has the run. `attempt` fences: the result of another attempt is refused. `test`: by exit,
    of which `exits` has the order, from the sensor up.

    An online run sends one for each version it publishes; `is_last` False leaves the run running.
    """

    api_version: ApiVersion = "fogline/v1"
    attempt: Count
    manifest: ModelManifest
    lineage: Lineage
    epochs: Annotated[int, Meta(ge=0)]
    exits: tuple[str, ...] = ()
    test: dict[str, ExitScore]
    files: tuple[RunFile, ...] = ()
    is_last: bool = True


class RunView(Message, frozen=True, kw_only=True):
    """`versions`: what it published, the last one last. `stream` is the id it has in the registry. `exits`: those of
    `test`, from the sensor up.
    """

    api_version: ApiVersion = "fogline/v1"
    id: Count
    request: Name
    network: Name
    stream: Name
    state: RunState
    reason: str = ""
    attempt: Count
    node: Name | None = None
    progress: TrainingProgress | None = None
    versions: tuple[VersionName, ...] = ()
    exits: tuple[str, ...] = ()
    test: dict[str, ExitScore] = {}
    files: tuple[RunFile, ...] = ()
    created_at: str
    ended_at: str | None = None
    deadline: str | None = None


class TrainingRequestStatus(Message, frozen=True, kw_only=True):
    """`unwatched`: why nobody reads what is announced to it, and the remedy; empty while somebody is to. `runs`: those
    it started, the latest first.
    """

    api_version: ApiVersion = "fogline/v1"
    name: Name
    number: Count
    unwatched: str = ""
    runs: tuple[int, ...] = ()


class ReuseRequest(Message, frozen=True, kw_only=True):
    """Train a request's networks on a stream that is in the registry already."""

    stream: Name
