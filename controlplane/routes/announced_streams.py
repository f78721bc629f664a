"""Announced streams: told by watchers, kept for people."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import Session
from starlette.responses import Response

from controlplane import announcing
from controlplane.auth import node_itself, operator_only
from controlplane.documents_in_http import Answer, Paged, body, described
from controlplane.problems import RefusedError
from controlplane.routes.parameters import LIMIT, Limit, PathName, Plane, found
from controlplane.store import runs, streams
from controlplane.store.streams import Place, StoredStream
from controlplane.training_views import stream_view
from shared.documents.stream import StreamsReport, StreamView

router = APIRouter(tags=["streams"])
OfCluster = Annotated[str | None, Query(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
BeforeStream = Annotated[str | None, Query(pattern=r"^[0-9]{1,16}\.[0-9]{1,17}:s-[0-9a-f]{16}$")]


@router.get("/v1/streams", dependencies=[Depends(operator_only)], **described(gives={200: Paged[StreamView]}))
async def list_streams(
    plane: Plane, cluster: OfCluster = None, before: BeforeStream = None, limit: Limit = LIMIT
) -> Answer:
    """Streams that were announced, the latest first; those of one `cluster`; `before` is the `next` of a page."""

    def view(session: Session) -> Paged[StreamView]:
        stored = streams.those(session, cluster=cluster, after=_place(before), limit=limit + 1)
        shown = stored[:limit]
        following = f"{shown[-1].announced_at!r}:{shown[-1].id}" if len(stored) > limit else None
        return Paged[StreamView](items=_views(session, shown), next=following)

    return Answer(await plane.database.run(view))


@router.get("/v1/streams/{stream}", dependencies=[Depends(operator_only)], **described(gives={200: StreamView}))
async def get_stream(plane: Plane, stream: PathName) -> Answer:
    """One stream: what was announced, what Kafka still holds of it, and its runs."""

    def view(session: Session) -> StreamView:
        stored = found(streams.find(session, stream), f"stream {stream}")
        its_runs = tuple(run.id for run in runs.of_stream(session, stream))
        return stream_view(stored, streams.looks(session, stored.cluster), its_runs)

    return Answer(await plane.database.run(view))


@router.post(
    "/v1/nodes/{name}/streams",
    dependencies=[Depends(node_itself)],
    **described(takes=StreamsReport, gives={204: None}),
)
async def take_streams(plane: Plane, name: PathName, said: Annotated[StreamsReport, body(StreamsReport)]) -> Response:
    """Take in what a watcher found on its control topic. Acknowledged once stored, and harmless when sent again."""
    times = plane.times()

    def take(session: Session) -> None:
        if not announcing.is_watched_by(session, name, said.cluster, said.control_topic):
            raise RefusedError(
                HTTPStatus.CONFLICT, f"node {name} does not watch {said.control_topic} of cluster {said.cluster}"
            )
        announcing.take(session, said, times)

    if said.found:
        await plane.scheduler.change(take, lambda _, nothing: nothing)
    else:
        await plane.database.run(take)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _views(session: Session, those: Sequence[StoredStream]) -> tuple[StreamView, ...]:
    of_streams = runs.of_streams(session, [one.id for one in those])
    looks = {cluster: streams.looks(session, cluster) for cluster in {one.cluster for one in those}}
    return tuple(stream_view(one, looks[one.cluster], of_streams.get(one.id, ())) for one in those)


def _place(before: str | None) -> Place | None:
    if before is None:
        return None
    announced_at, id_ = before.split(":")
    return Place(float(announced_at), id_)
