"""A training run as it is kept, and what nodes, placement and time make of it. Pure.

    waiting <-> running -> finished (its result was taken in)
       |           |
       +-----------+-> failed, cancelled

Every run ends: by its result, by an operator, for good by what its node says, with its attempts, or at its deadline.
One whose stream has no end has no deadline either.
"""

import msgspec
from msgspec.structs import replace

from shared.documents import (
    ExitScore,
    NetworkSource,
    RunFile,
    RunState,
    Stage,
    TrainingProgress,
    TrainingRequest,
    VersionName,
    WorkloadStatus,
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
    announced_ms: int | None = None
    start_from: StartingPoint | None = None
    state: RunState = RunState.WAITING
    reason: str = ""
    attempt: int = 1
    first_attempt: int = 1
    node: str | None = None
    progress: TrainingProgress | None = None
    versions: tuple[VersionName, ...] = ()
    exits: tuple[str, ...] = ()
    test: dict[str, ExitScore] = {}
    files: tuple[RunFile, ...] = ()
    began: float
    created_at: float
    ended_at: float | None = None

    @property
    def attempts(self) -> int:
        """How many count, with the one under way or waited for."""
        return self.attempt - self.first_attempt + 1

    @property
    def deadline(self) -> float | None:
        """By the steady clock: when it has failed, whatever it is doing; never, on a stream without an end."""
        return self.began + self.request.deadline_s if self.announcement.has_end else None


def advance(
    run: Run, *, status: WorkloadStatus | None, node: str | None, waits_for: str, now: float, wall: float
) -> Run:
    """One pass: what its node says, then time, then where placement puts it."""
    return placed(aged(heard(run, status, wall=wall), now=now, wall=wall), node, waits_for, wall=wall)


def followed(run: Run, status: WorkloadStatus | None) -> Run:
    """With the progress that the node that has it tells of this attempt; of another it counts for nothing."""
    if run.state.is_final or run.node is None or status is None:
        return run
    if status.training is None:
        # Nothing of it has begun there; why stands in the status.
        return replace(run, reason=status.reason) if run.progress is None else run
    if status.training.attempt != run.attempt:
        return run
    return replace(run, progress=status.training, reason=status.reason)


def heard(run: Run, status: WorkloadStatus | None, *, wall: float) -> Run:
    """`status` is what the node that has the run said last of it."""
    after = followed(run, status)
    if after.state.is_final or after.node is None or after.progress is None:
        return after
    match after.progress.stage:
        case Stage.FAILED:
            return _failed(after, after.reason or f"{after.node} gave no reason: see its log", wall)
        case Stage.FINISHED:
            # A result is taken in before the node says that it is done: this database is older than that.
            return _again(after, f"{after.node} has handed in a result that is not stored here", wall)
        case _:
            return after


def aged(run: Run, *, now: float, wall: float) -> Run:
    """A clock that was set back while this process was down gives no run longer than its deadline from now."""
    if run.state.is_final:
        return run
    if run.began > now:
        return replace(run, began=now)
    if run.deadline is None or now < run.deadline:
        return run
    doing = run.reason or (f"stage {run.progress.stage.value}" if run.progress else "nothing was heard of it")
    return _failed(run, f"not done within {run.request.deadline_s:,.10g} s: {doing}", wall)


def placed(run: Run, node: str | None, waits_for: str, *, wall: float) -> Run:
    """`node` has it from now on; None: nobody, and `waits_for` says what must come about.

    A node that loses the run has used up an attempt, so that what it may still hand in is known for what it is.
    """
    if run.state.is_final:
        return run
    if run.node not in (None, node):
        run = _again(run, f"{run.node} could not keep it", wall)
        if run.state.is_final:
            return run
    if node is None:
        return replace(run, state=RunState.WAITING, reason=waits_for)
    if run.node == node:
        return run
    return replace(run, state=RunState.RUNNING, node=node, reason="")


def next_change_at(run: Run) -> float | None:
    """When time alone changes something, by the steady clock."""
    return None if run.state.is_final else run.deadline


def _again(run: Run, reason: str, wall: float) -> Run:
    if run.attempts >= run.request.most_attempts:
        return _failed(run, f"{run.attempts} attempt{'s' if run.attempts > 1 else ''}: {reason}", wall)
    return replace(run, state=RunState.WAITING, attempt=run.attempt + 1, node=None, progress=None, reason=reason)


def _failed(run: Run, reason: str, wall: float) -> Run:
    return replace(run, state=RunState.FAILED, reason=reason, ended_at=wall)
