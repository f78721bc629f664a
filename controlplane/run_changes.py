"""What operators and results make of a run. Pure; what time and nodes make of it is in `runs`."""

from collections.abc import Iterable

from msgspec.structs import replace

from controlplane.runs import Run
from shared.documents import RunFile, RunResult, RunState, VersionName


def cancelled(run: Run, *, wall: float) -> Run:
    return replace(run, state=RunState.CANCELLED, reason="cancelled by an operator", ended_at=wall)


def retried(run: Run, *, now: float) -> Run:
    """It begins anew, with all its attempts; `now` by the steady clock."""
    return replace(
        run,
        state=RunState.WAITING,
        reason="",
        attempt=run.attempt + 1,
        first_attempt=run.attempt + 1,
        node=None,
        progress=None,
        began=now,
        ended_at=None,
    )


def with_result(run: Run, result: RunResult, version: VersionName, *, wall: float) -> Run:
    """The same result again changes nothing."""
    run = replace(
        run,
        versions=run.versions if version in run.versions else (*run.versions, version),
        exits=result.exits,
        test=result.test,
        files=_latest((*run.files, *result.files)),
    )
    if not result.is_last or run.state is RunState.FINISHED:
        return run
    return replace(run, state=RunState.FINISHED, reason="", ended_at=wall)


def _latest(files: Iterable[RunFile]) -> tuple[RunFile, ...]:
    """Of each name the last one."""
    return tuple({one.name: one for one in files}.values())
