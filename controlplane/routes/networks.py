"""Networks that can be trained: names for files that are here already."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane.auth import operator_only
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.plane import ControlPlane
from controlplane.preconditions import check_if_match
from controlplane.routes.parameters import IfMatch, PathName, Plane, etag, found, same_name, unused
from controlplane.store import configurations, events, federations, networks, runs
from controlplane.store.events import Happened
from shared.documents import NetworkSource, digest

router = APIRouter(prefix="/v1/networks", tags=["networks"], dependencies=[Depends(operator_only)])


@router.get("", **described(gives={200: Items[NetworkSource]}))
async def list_networks(plane: Plane) -> Answer:
    """Every network, by name."""
    return Answer(Items[NetworkSource](items=tuple(await plane.database.run(networks.everyone))))


@router.get("/{name}", **described(gives={200: NetworkSource}))
async def get_network(plane: Plane, name: PathName) -> Answer:
    """One network, with its `ETag`."""
    network = found(await plane.database.run(lambda session: networks.find(session, name)), f"network {name}")
    return Answer(network, headers=etag(network))


@router.put("/{name}", **described(takes=NetworkSource, gives={200: NetworkSource, 201: NetworkSource}))
async def put_network(
    plane: Plane, name: PathName, wanted: Annotated[NetworkSource, body(NetworkSource)], if_match: IfMatch = None
) -> Answer:
    """Create or change. Its files must be here; runs that are there go on with what they have."""
    same_name(wanted.name, name)

    def store(session: Session) -> NetworkSource | None:
        before = networks.find(session, name)
        check_if_match(if_match, digest(before) if before else None)
        # In here, where leftovers are removed too: what is there now will stay.
        _check_files(plane, wanted)
        if wanted != before:
            networks.put(session, wanted)
            events.add(session, [Happened("network_put", f"network/{name}")], now=plane.clock.wall())
        return before

    before = await plane.database.run(store)
    plane.bell.ring()
    return Answer(wanted, HTTPStatus.OK if before else HTTPStatus.CREATED, etag(wanted))


@router.delete("/{name}", **described(gives={204: None}))
async def remove_network(plane: Plane, name: PathName, if_match: IfMatch = None) -> Response:
    """Refused while a configuration names it, or a run or a federation of it is under way."""

    def delete(session: Session) -> None:
        network = found(networks.find(session, name), f"network {name}")
        check_if_match(if_match, digest(network))
        unused("configuration", (one.name for one in configurations.everyone(session) if name in one.networks))
        unused("run", (str(one.id) for one in runs.unfinished(session) if one.network.name == name))
        unused("federation", (one.name for one in federations.unfinished(session) if one.network.name == name))
        networks.remove(session, name)
        events.add(session, [Happened("network_removed", f"network/{name}")], now=plane.clock.wall())

    await plane.database.run(delete)
    plane.bell.ring()
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _check_files(plane: ControlPlane, network: NetworkSource) -> None:
    for index, file in enumerate(network.files):
        plane.uploads.require(file.sha256, file.size_bytes, f"files[{index}]")
