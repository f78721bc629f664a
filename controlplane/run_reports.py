"""What in a node's report says that a pass should look at its runs, or at the federation that it coordinates. Pure."""

from collections.abc import Iterable

from shared.documents import Stage, WorkloadStatus
from shared.documents.federation_workloads import COORDINATOR
from shared.documents.training_workloads import TRAINING

_DECISIVE = (Stage.FAILED, Stage.FINISHED)


def has_news(before: Iterable[WorkloadStatus], after: Iterable[WorkloadStatus]) -> bool:
    """Progress alone is none: people are shown it from the report itself."""
    return not _told(after) <= _told(before)


def _told(statuses: Iterable[WorkloadStatus]) -> set[tuple[object, ...]]:
    coordinated = {(one.id, one.for_good) for one in statuses if one.kind == COORDINATOR}
    return {_tells(one) for one in statuses if one.kind == TRAINING} | coordinated


def _tells(status: WorkloadStatus) -> tuple[object, ...]:
    said = status.training
    end = (said.attempt, said.stage) if said is not None and said.stage in _DECISIVE else None
    return status.id, status.reason, end, said.drift if said is not None else None
