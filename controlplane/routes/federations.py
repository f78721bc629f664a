"""Federations: what sites are to train together, how far they are, and what their coordinator tells."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane import federation_founding, federation_reports
from controlplane.auth import node_itself, operator_only
from controlplane.clock import Times
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.federation_events import told
from controlplane.federation_showing import shown
from controlplane.federations import Federated, cancelled, paused, resumed
from controlplane.plane import ControlPlane
from controlplane.preconditions import check_if_match
from controlplane.problems import RefusedError
from controlplane.routes.parameters import IfMatch, PathName, Plane, etag, found, same_name
from controlplane.store import events, federations
from controlplane.store.events import Happened
from shared.documents import digest
from shared.documents.federation import Federation
from shared.documents.federation_workloads import FederationReport, FederationState, FederationView

router = APIRouter(tags=["federations"])
_OPERATOR = [Depends(operator_only)]
# A thousand models with the staleness of a hundred updates each, ten thousand sites, and the longest names.
_MOST_REPORT_BYTES = 16 * 1024 * 1024


@router.get("/v1/federations", dependencies=_OPERATOR, **described(gives={200: Items[FederationView]}))
async def list_federations(plane: Plane) -> Answer:
    """Every federation, by name; of each name the latest edition."""

    def view(session: Session) -> tuple[FederationView, ...]:
        return tuple(shown(session, plane, one) for one in federations.everyone(session))

    return Answer(Items[FederationView](items=await plane.database.run(view)))


@router.get("/v1/federations/{name}", dependencies=_OPERATOR, **described(gives={200: FederationView}))
async def get_federation(plane: Plane, name: PathName) -> Answer:
    """One federation: its models, its sites, and what is waited for."""
    view = await plane.database.run(lambda session: _view(session, plane, name))
    return Answer(view, headers=etag(view.federation))


@router.put(
    "/v1/federations/{name}",
    dependencies=_OPERATOR,
    **described(takes=Federation, gives={200: FederationView, 201: FederationView}),
)
async def put_federation(
    plane: Plane, name: PathName, wanted: Annotated[Federation, body(Federation)], if_match: IfMatch = None
) -> Answer:
    """Begin it. The same again changes nothing, unless it failed or was cancelled; anything else waits for its end."""
    same_name(wanted.name, name)
    times = plane.times()

    def store(session: Session) -> bool:
        before = federations.find(session, name)
        check_if_match(if_match, digest(before.wanted) if before else None)
        return federation_founding.put(session, wanted, before, times, plane.new_secret)

    view, is_new = await plane.scheduler.change(store, lambda session, is_new: (_view(session, plane, name), is_new))
    return Answer(view, HTTPStatus.CREATED if is_new else HTTPStatus.OK, etag(wanted))


@router.delete("/v1/federations/{name}", dependencies=_OPERATOR, **described(gives={204: None}))
async def remove_federation(plane: Plane, name: PathName, if_match: IfMatch = None) -> Response:
    """Forget it; what is under way is taken from its nodes. Versions and topics stay."""

    def delete(session: Session) -> None:
        one = _found(session, name)
        check_if_match(if_match, digest(one.wanted))
        federations.remove(session, name)
        events.add(session, [Happened("federation_removed", f"federation/{name}")], now=plane.clock.wall())

    await plane.scheduler.change(delete, lambda _, nothing: nothing)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/v1/federations/{name}/pause", dependencies=_OPERATOR, **described(gives={200: FederationView}))
async def pause_federation(plane: Plane, name: PathName) -> Answer:
    """Close no round until it is resumed; updates that come are taken in."""
    happened = Happened("federation_paused", f"federation/{name}")
    return await _change(plane, name, happened, lambda one, _: paused(_under_way(one)))


@router.post("/v1/federations/{name}/resume", dependencies=_OPERATOR, **described(gives={200: FederationView}))
async def resume_federation(plane: Plane, name: PathName) -> Answer:
    """Go on; the deadline of the round under way runs anew."""
    happened = Happened("federation_resumed", f"federation/{name}")
    return await _change(plane, name, happened, lambda one, _: resumed(_under_way(one)))


@router.post("/v1/federations/{name}/cancel", dependencies=_OPERATOR, **described(gives={200: FederationView}))
async def cancel_federation(plane: Plane, name: PathName) -> Answer:
    """End it with the newest model; before the first, at once."""

    def cancel(one: Federated, times: Times) -> Federated:
        if one.is_over and one.end is not FederationState.CANCELLED:
            raise _is_over(one)
        return cancelled(one, now=times.steady, wall=times.wall)

    return await _change(plane, name, Happened("federation_cancelled", f"federation/{name}"), cancel)


@router.post(
    "/v1/nodes/{name}/federations",
    dependencies=[Depends(node_itself)],
    **described(takes=FederationReport, gives={204: None}),
)
async def take_federation(
    plane: Plane,
    name: PathName,
    said: Annotated[FederationReport, body(FederationReport, most_bytes=_MOST_REPORT_BYTES)],
) -> Response:
    """Take in what the coordinator tells. Acknowledged once stored, and harmless when sent again."""
    times = plane.times()

    def take(session: Session) -> None:
        federation_reports.take(session, plane.uploads, said, node=name, times=times)

    if said.outcome is None:
        # Of a thousand rounds an hour none changes what nodes are to run.
        await plane.database.run(take)
        plane.bell.ring()
        if said.progress.ended:
            # From now on time alone can end it: a pass must know when.
            plane.scheduler.wake()
    else:
        await plane.scheduler.change(take, lambda _, nothing: nothing)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _change(
    plane: ControlPlane, name: str, happened: Happened, become: Callable[[Federated, Times], Federated]
) -> Answer:
    """Change it, place anew, and show it as it is then. What changes nothing is no event."""
    times = plane.times()

    def act(session: Session) -> None:
        before = _found(session, name)
        after = become(before, times)
        if after != before:
            federations.save(session, after)
            events.add(session, [happened, *told(before, after)], now=times.wall)

    view = await plane.scheduler.change(act, lambda session, _: _view(session, plane, name))
    return Answer(view, headers=etag(view.federation))


def _under_way(one: Federated) -> Federated:
    if one.is_over:
        raise _is_over(one)
    if one.is_ending:
        raise RefusedError(HTTPStatus.CONFLICT, f"federation {one.name} has ended: its last model is being made ready")
    return one


def _is_over(one: Federated) -> RefusedError:
    return RefusedError(HTTPStatus.CONFLICT, f"federation {one.name} is {one.end}: it is over")


def _found(session: Session, name: str) -> Federated:
    return found(federations.find(session, name), f"federation {name}")


def _view(session: Session, plane: ControlPlane, name: str) -> FederationView:
    return shown(session, plane, _found(session, name))
