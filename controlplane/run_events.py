"""What a pass has to tell of runs and of watches over control topics. Pure."""

from collections.abc import Mapping

from controlplane.runs import Run
from controlplane.store.events import Happened
from shared.documents import RunState


def told(before: Run, after: Run) -> list[Happened]:
    """Of progress nothing: the run shows it."""
    subject = f"run/{after.id}"
    if after.state is RunState.FAILED:
        return [Happened("run_failed", subject, {"attempt": after.attempt, "reason": after.reason})]
    if (after.node, after.attempt) == (before.node, before.attempt):
        return _drifted(subject, before, after)
    if before.node is None:
        return [Happened("run_placed", subject, {"attempt": after.attempt, "node": after.node})]
    return [Happened("run_moved", subject, {"attempt": after.attempt, "from": before.node, "node": after.node})]


def _drifted(subject: str, before: Run, after: Run) -> list[Happened]:
    drift = after.progress.drift if after.progress else None
    if drift is None or (before.progress is not None and before.progress.drift == drift):
        return []
    return [Happened("run_drifted", subject, {"window": drift.window, "record": drift.record})]


def unwatched(before: Mapping[str, str], after: Mapping[str, str]) -> list[Happened]:
    """Training requests whose announcements nobody reads any more."""
    return [
        Happened("training_request_unwatched", f"training-request/{name}", {"reason": after[name]})
        for name in sorted(after.keys() - before.keys())
    ]
