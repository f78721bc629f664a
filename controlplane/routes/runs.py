"""Training runs: how they stand, what an operator does to them, and what nodes hand in."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session

from controlplane import results, starts
from controlplane.auth import Principal, any_node, operator_only
from controlplane.clock import Times
from controlplane.documents_in_http import Answer, Paged, body, described
from controlplane.plane import ControlPlane
from controlplane.problems import RefusedError
from controlplane.routes.parameters import LIMIT, Limit, PathRun, Plane, found
from controlplane.run_changes import cancelled, retried
from controlplane.runs import Run, followed
from controlplane.store import events, nodes, runs, streams
from controlplane.store.events import Happened
from controlplane.training_demands import workload_id
from controlplane.training_views import run_view
from shared.documents import RunResult, RunState, RunView

router = APIRouter(prefix="/v1/runs", tags=["runs"])
OfRequest = Annotated[str | None, Query(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
BeforeRun = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("", dependencies=[Depends(operator_only)], **described(gives={200: Paged[RunView]}))
async def list_runs(
    plane: Plane,
    request: OfRequest = None,
    state: RunState | None = None,
    before: BeforeRun = None,
    limit: Limit = LIMIT,
) -> Answer:
    """Runs, the latest first; those of one `request`, in one `state`, and made `before` that one."""
    times = plane.times()

    def view(session: Session) -> Paged[RunView]:
        stored = runs.those(session, request=request, state=state, before=before, limit=limit + 1)
        shown = stored[:limit]
        following = str(shown[-1].id) if len(stored) > limit else None
        return Paged[RunView](items=_views(session, shown, times), next=following)

    return Answer(await plane.database.run(view))


@router.get("/{run}", dependencies=[Depends(operator_only)], **described(gives={200: RunView}))
async def get_run(plane: Plane, run: PathRun) -> Answer:
    """One run: how far it has come, and what became of it."""
    times = plane.times()
    return Answer(await plane.database.run(lambda session: _view(session, run, times)))


@router.post("/{run}/cancel", dependencies=[Depends(operator_only)], **described(gives={200: RunView}))
async def cancel_run(plane: Plane, run: PathRun) -> Answer:
    """End a run that is not over; its node is told to leave it."""

    def cancel(stored: Run, times: Times) -> Run:
        if stored.state.is_final:
            raise RefusedError(HTTPStatus.CONFLICT, f"run {run} is {stored.state}: it is over")
        return cancelled(stored, wall=times.wall)

    return await _change(plane, run, "run_cancelled", lambda _, stored, times: cancel(stored, times))


@router.post("/{run}/retry", dependencies=[Depends(operator_only)], **described(gives={200: RunView}))
async def retry_run(plane: Plane, run: PathRun) -> Answer:
    """Begin a run that failed or was cancelled anew, with all its attempts and as it was asked for then."""

    def retry(session: Session, stored: Run, times: Times) -> Run:
        if stored.state not in (RunState.FAILED, RunState.CANCELLED):
            raise RefusedError(HTTPStatus.CONFLICT, f"run {run} is {stored.state}: only one that failed begins anew")
        if (stream := streams.find(session, stored.stream)) is not None:
            starts.refuse_expired(session, stream)
        return retried(stored, now=times.steady)

    return await _change(plane, run, "run_retried", retry)


@router.post("/{run}/results", **described(takes=RunResult, gives={200: RunView}))
async def take_result(
    plane: Plane,
    run: PathRun,
    said: Annotated[RunResult, body(RunResult)],
    principal: Annotated[Principal, Depends(any_node)],
) -> Answer:
    """Register what this node's attempt made of the run. Acknowledged once stored, and harmless when sent again."""
    times = plane.times()

    def take(session: Session) -> None:
        stored = found(runs.find(session, run), f"run {run}")
        results.take(session, plane.uploads, stored, said, node=principal.node or "", times=times)

    return Answer(await plane.scheduler.change(take, lambda session, _: _view(session, run, times)))


async def _change(plane: ControlPlane, id_: int, kind: str, become: Callable[[Session, Run, Times], Run]) -> Answer:
    """Change it, place anew, and show it as it is then."""
    times = plane.times()

    def act(session: Session) -> None:
        run = found(runs.find(session, id_), f"run {id_}")
        runs.save(session, become(session, run, times))
        events.add(session, [Happened(kind, f"run/{id_}")], now=times.wall)

    return Answer(await plane.scheduler.change(act, lambda session, _: _view(session, id_, times)))


def _view(session: Session, id_: int, times: Times) -> RunView:
    return _views(session, [found(runs.find(session, id_), f"run {id_}")], times)[0]


def _views(session: Session, those: Sequence[Run], times: Times) -> tuple[RunView, ...]:
    """With what their nodes say of them now."""
    involved = {run.node for run in those if run.node is not None and not run.state.is_final}
    said = {
        (node.name, status.id): status for node in nodes.those(session, involved) for status in node.decoded_statuses()
    }
    current = (followed(run, said.get((run.node or "", workload_id(run.id)))) for run in those)
    return tuple(run_view(run, times) for run in current)
