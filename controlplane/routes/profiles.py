"""Profilings: what is to be timed where, how it stands, and what nodes found."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane import profile_events
from controlplane.auth import node_itself, operator_only
from controlplane.clock import Times
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.patience import report_intervals, require_patience
from controlplane.preconditions import check_if_match
from controlplane.problems import RefusedError
from controlplane.profile_demands import owner
from controlplane.profile_views import profile_view
from controlplane.profiles import Profile, begun, taken
from controlplane.routes.parameters import IfMatch, PathName, Plane, etag, found, same_name
from controlplane.store import events, nodes, placements, profiles, runs
from controlplane.store.events import Happened
from shared.documents import RunState, digest
from shared.documents.profile import ProfileState, ProfileView, Profiling, TierTimes
from shared.errors import DocumentError

router = APIRouter(tags=["profiles"])
_OPERATOR = [Depends(operator_only)]


@router.get("/v1/profiles", dependencies=_OPERATOR, **described(gives={200: Items[ProfileView]}))
async def list_profiles(plane: Plane) -> Answer:
    """Every profile, by name."""
    times = plane.times()

    def view(session: Session) -> tuple[ProfileView, ...]:
        return _views(session, profiles.everyone(session), times)

    return Answer(Items[ProfileView](items=await plane.database.run(view)))


@router.get("/v1/profiles/{name}", dependencies=_OPERATOR, **described(gives={200: ProfileView}))
async def get_profile(plane: Plane, name: PathName) -> Answer:
    """One profile: its times, and what is missing."""
    times = plane.times()
    view = await plane.database.run(lambda session: _view(session, name, times))
    return Answer(view, headers=etag(view.profiling))


@router.put(
    "/v1/profiles/{name}",
    dependencies=_OPERATOR,
    **described(takes=Profiling, gives={200: ProfileView, 201: ProfileView}),
)
async def put_profile(
    plane: Plane, name: PathName, wanted: Annotated[Profiling, body(Profiling)], if_match: IfMatch = None
) -> Answer:
    """Have it timed. The same again changes nothing, unless it failed; anything else begins anew."""
    same_name(wanted.name, name)
    times = plane.times()

    def store(session: Session) -> bool:
        before = profiles.find(session, name)
        check_if_match(if_match, digest(before.wanted) if before else None)
        if before is None or before.wanted != wanted or before.state is ProfileState.FAILED:
            selectors = [tier.selector for tier in wanted.tiers]
            require_patience(wanted.stale_after_s, report_intervals(nodes.everyone(session), selectors))
            profiles.save(session, _begun(session, wanted, times))
            events.add(session, [Happened("profile_put", f"profile/{name}", {"run": wanted.run})], now=times.wall)
        return before is None

    view, is_new = await plane.scheduler.change(store, lambda session, is_new: (_view(session, name, times), is_new))
    return Answer(view, HTTPStatus.CREATED if is_new else HTTPStatus.OK, etag(wanted))


@router.delete("/v1/profiles/{name}", dependencies=_OPERATOR, **described(gives={204: None}))
async def remove_profile(plane: Plane, name: PathName, if_match: IfMatch = None) -> Response:
    """Forget it; what is being timed is taken from its nodes."""

    def delete(session: Session) -> None:
        profile = found(profiles.find(session, name), f"profile {name}")
        check_if_match(if_match, digest(profile.wanted))
        profiles.remove(session, name)
        events.add(session, [Happened("profile_removed", f"profile/{name}")], now=plane.clock.wall())

    await plane.scheduler.change(delete, lambda _, nothing: nothing)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/v1/nodes/{name}/profiles",
    dependencies=[Depends(node_itself)],
    **described(takes=TierTimes, gives={204: None}),
)
async def take_times(plane: Plane, name: PathName, said: Annotated[TierTimes, body(TierTimes)]) -> Response:
    """Take in what a node found of one tier. Acknowledged once stored, and harmless when sent again."""
    times = plane.times()

    def take(session: Session) -> None:
        before = found(profiles.find(session, said.profile), f"profile {said.profile}")
        _check_sender(session, before, said, name)
        after = taken(before, said, wall=times.wall)
        if after != before:
            profiles.save(session, after)
            events.add(session, profile_events.told(before, after), now=times.wall)

    await plane.scheduler.change(take, lambda _, nothing: nothing)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _begun(session: Session, wanted: Profiling, times: Times) -> Profile:
    run = runs.find(session, wanted.run)
    if run is None:
        raise DocumentError(f"no run {wanted.run}", field="run")
    if run.state is not RunState.FINISHED:
        raise DocumentError(f"run {run.id} is {run.state}: wait until it has finished", field="run")
    return begun(wanted, run.files, now=times.steady, wall=times.wall)


def _check_sender(session: Session, profile: Profile, said: TierTimes, node: str) -> None:
    if said == profile.times.get(said.tier) and profile.nodes.get(said.tier) == node:
        return
    holds = any((one.part, one.node) == (said.tier, node) for one in placements.of_owner(session, owner(profile.name)))
    if not holds or said.profiling != profile.profiling:
        raise RefusedError(HTTPStatus.CONFLICT, f"node {node} does not time tier {said.tier} of profile {profile.name}")


def _view(session: Session, name: str, times: Times) -> ProfileView:
    return _views(session, [found(profiles.find(session, name), f"profile {name}")], times)[0]


def _views(session: Session, those: Sequence[Profile], times: Times) -> tuple[ProfileView, ...]:
    involved = {node for profile in those if profile.is_measuring for node in profile.nodes.values()}
    said = {
        (node.name, status.id): status for node in nodes.those(session, involved) for status in node.decoded_statuses()
    }
    return tuple(profile_view(profile, lambda node, workload: said.get((node, workload)), times) for profile in those)
