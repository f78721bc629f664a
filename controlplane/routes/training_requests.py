"""Training requests: what waits for streams, and what may train on one again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane import starts, training_requests
from controlplane.auth import operator_only
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.preconditions import check_if_match
from controlplane.routes.parameters import IfMatch, PathName, Plane, etag, found, same_name, unused
from controlplane.store import events, requests, runs, streams
from controlplane.store.events import Happened
from controlplane.store.streams import StoredStream
from controlplane.training_views import run_view
from shared.documents import ReuseRequest, RunView, TrainingRequest, TrainingRequestStatus
from shared.errors import DocumentError

router = APIRouter(prefix="/v1/training-requests", tags=["training requests"], dependencies=[Depends(operator_only)])


@router.get("", **described(gives={200: Items[TrainingRequest]}))
async def list_training_requests(plane: Plane) -> Answer:
    """Every training request, by name."""
    return Answer(Items[TrainingRequest](items=tuple(await plane.database.run(requests.everyone))))


@router.get("/{name}", **described(gives={200: TrainingRequest}))
async def get_training_request(plane: Plane, name: PathName) -> Answer:
    """One training request with its number, and its `ETag`."""
    stored = await plane.database.run(lambda session: requests.find(session, name))
    request = found(stored, f"training request {name}").request
    return Answer(request, headers=etag(request))


@router.get("/{name}/status", **described(gives={200: TrainingRequestStatus}))
async def get_training_request_status(plane: Plane, name: PathName) -> Answer:
    """Whether anybody reads what is announced to it, and the runs it started."""

    def view(session: Session) -> TrainingRequestStatus:
        stored = found(requests.find(session, name), f"training request {name}")
        started = [run.id for run in runs.those(session, request=name) if run.created_at >= stored.created_at]
        return TrainingRequestStatus(
            name=name,
            number=stored.request.number or 0,
            unwatched=plane.scheduler.unwatched.get(name, ""),
            runs=tuple(started),
        )

    return Answer(await plane.database.run(view))


@router.put("/{name}", **described(takes=TrainingRequest, gives={200: TrainingRequest, 201: TrainingRequest}))
async def put_training_request(
    plane: Plane, name: PathName, wanted: Annotated[TrainingRequest, body(TrainingRequest)], if_match: IfMatch = None
) -> Answer:
    """Create or change; a `number` that is left out is pinned. Runs that are there go on with what they have."""
    same_name(wanted.name, name)

    def store(session: Session) -> tuple[TrainingRequest, bool]:
        before = requests.find(session, name)
        check_if_match(if_match, before.etag if before else None)
        return training_requests.put(session, wanted, before, plane.times()), before is None

    request, is_new = await plane.scheduler.change(store, lambda _, stored: stored)
    return Answer(request, HTTPStatus.CREATED if is_new else HTTPStatus.OK, etag(request))


@router.delete("/{name}", **described(gives={204: None}))
async def remove_training_request(plane: Plane, name: PathName, if_match: IfMatch = None) -> Response:
    """Refused while a run of it is under way. What it trained stays."""

    def delete(session: Session) -> None:
        stored = found(requests.find(session, name), f"training request {name}")
        check_if_match(if_match, stored.etag)
        unused("run", (str(one.id) for one in runs.unfinished(session) if one.request.name == name))
        requests.remove(session, name)
        happened = Happened("training_request_removed", f"training-request/{name}")
        events.add(session, [happened], now=plane.clock.wall())

    await plane.scheduler.change(delete, lambda _, nothing: nothing)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/{name}/runs", **described(takes=ReuseRequest, gives={201: Items[RunView]}))
async def reuse_stream(plane: Plane, name: PathName, wanted: Annotated[ReuseRequest, body(ReuseRequest)]) -> Answer:
    """Train the request's networks on a stream that is known: a new run each, whatever ran before."""
    times = plane.times()

    def start(session: Session) -> tuple[int, ...]:
        request = found(requests.find(session, name), f"training request {name}").request
        stream = _stream(session, request, wanted.stream)
        return tuple(run.id for run in starts.start(session, request, stream, times))

    def view(session: Session, started: tuple[int, ...]) -> tuple[RunView, ...]:
        """As they are once they have been placed."""
        begun = (found(runs.find(session, id_), f"run {id_}") for id_ in started)
        return tuple(run_view(run, times) for run in begun)

    return Answer(Items[RunView](items=await plane.scheduler.change(start, view)), HTTPStatus.CREATED)


def _stream(session: Session, request: TrainingRequest, id_: str) -> StoredStream:
    stream = streams.find(session, id_)
    if stream is None:
        raise DocumentError(f"no stream {id_}", field="stream")
    if stream.cluster != request.cluster:
        raise DocumentError(
            f"stream {id_} lies on cluster {stream.cluster}, training request {request.name} reads {request.cluster}",
            field="stream",
        )
    starts.refuse_expired(session, stream)
    return stream
