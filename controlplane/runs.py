"""A training run as it is kept, and what becomes of it. Pure."""

import msgspec

from shared.documents import (
    ExitScore,
    NetworkSource,
    RunFile,
    RunState,
    TrainingProgress,
    TrainingRequest,
    VersionName,
)
from shared.documents.training_workloads import StartingPoint
from shared.streams.announcement import Announcement


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """`request`, `network` and `announcement` are as when the run was made: what is put later changes other runs.

    `attempt` counts from 1 and never goes back; those from `first_attempt` on count against `request.most_attempts`.
    `began` by the steady clock, `created_at` and `ended_at` by the wall's, in seconds since the epoch.
    """

    id: int
    request: TrainingRequest
    network: NetworkSource
    stream: str
    announcement: Announcement
    start_from: StartingPoint | None = None
    state: RunState = RunState.WAITING
    reason: str = ""
    attempt: int = 1
    first_attempt: int = 1
    node: str | None = None
    progress: TrainingProgress | None = None
    versions: tuple[VersionName, ...] = ()
    test: dict[str, ExitScore] = {}
    files: tuple[RunFile, ...] = ()
    began: float
    created_at: float
    ended_at: float | None = None
