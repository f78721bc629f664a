"""Configurations: networks that are trained on the same stream."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane.auth import operator_only
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.preconditions import check_if_match
from controlplane.routes.parameters import IfMatch, PathName, Plane, etag, found, same_name, unused
from controlplane.store import configurations, events, networks, requests
from controlplane.store.events import Happened
from shared.documents import Configuration, digest
from shared.errors import DocumentError

router = APIRouter(prefix="/v1/configurations", tags=["configurations"], dependencies=[Depends(operator_only)])


@router.get("", **described(gives={200: Items[Configuration]}))
async def list_configurations(plane: Plane) -> Answer:
    """Every configuration, by name."""
    return Answer(Items[Configuration](items=tuple(await plane.database.run(configurations.everyone))))


@router.get("/{name}", **described(gives={200: Configuration}))
async def get_configuration(plane: Plane, name: PathName) -> Answer:
    """One configuration, with its `ETag`."""
    stored = await plane.database.run(lambda session: configurations.find(session, name))
    configuration = found(stored, f"configuration {name}")
    return Answer(configuration, headers=etag(configuration))


@router.put("/{name}", **described(takes=Configuration, gives={200: Configuration, 201: Configuration}))
async def put_configuration(
    plane: Plane, name: PathName, wanted: Annotated[Configuration, body(Configuration)], if_match: IfMatch = None
) -> Answer:
    """Create or change. Its networks must be there; streams announced from now on start a run of each."""
    same_name(wanted.name, name)

    def store(session: Session) -> Configuration | None:
        before = configurations.find(session, name)
        check_if_match(if_match, digest(before) if before else None)
        _check_networks(session, wanted)
        if wanted != before:
            configurations.put(session, wanted)
            events.add(session, [Happened("configuration_put", f"configuration/{name}")], now=plane.clock.wall())
        return before

    before = await plane.database.run(store)
    plane.bell.ring()
    return Answer(wanted, HTTPStatus.OK if before else HTTPStatus.CREATED, etag(wanted))


@router.delete("/{name}", **described(gives={204: None}))
async def remove_configuration(plane: Plane, name: PathName, if_match: IfMatch = None) -> Response:
    """Refused while a training request names it."""

    def delete(session: Session) -> None:
        configuration = found(configurations.find(session, name), f"configuration {name}")
        check_if_match(if_match, digest(configuration))
        unused("training request", (one.name for one in requests.everyone(session) if one.configuration == name))
        configurations.remove(session, name)
        events.add(session, [Happened("configuration_removed", f"configuration/{name}")], now=plane.clock.wall())

    await plane.database.run(delete)
    plane.bell.ring()
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _check_networks(session: Session, wanted: Configuration) -> None:
    for index, name in enumerate(wanted.networks):
        if networks.find(session, name) is None:
            raise DocumentError(f"no network {name}: PUT /v1/networks/{name} first", field=f"networks[{index}]")
