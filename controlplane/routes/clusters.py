"""Kafka clusters. What is secret in them is never shown again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane.auth import operator_only
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.routes.parameters import PathName, Plane, found, same_name, unused
from controlplane.secrets import keep_hidden, mask
from controlplane.store import clusters, deployments, events, federations, requests, runs
from controlplane.store.deployments import StoredDeployment
from controlplane.store.events import Happened
from shared.documents import Cluster

router = APIRouter(prefix="/v1/clusters", tags=["clusters"], dependencies=[Depends(operator_only)])


@router.get("", **described(gives={200: Items[Cluster]}))
async def list_clusters(plane: Plane) -> Answer:
    """Every cluster, by name, its secrets as `***`."""
    stored = await plane.database.run(clusters.everyone)
    return Answer(Items[Cluster](items=tuple(mask(cluster) for cluster in stored)))


@router.get("/{name}", **described(gives={200: Cluster}))
async def get_cluster(plane: Plane, name: PathName) -> Answer:
    """One cluster, its secrets as `***`."""
    stored = await plane.database.run(lambda session: clusters.find(session, name))
    return Answer(mask(found(stored, f"cluster {name}")))


@router.put("/{name}", **described(takes=Cluster, gives={200: Cluster, 201: Cluster}))
async def put_cluster(plane: Plane, name: PathName, wanted: Annotated[Cluster, body(Cluster)]) -> Answer:
    """Say what a cluster's name means. A secret given as `***` stays what it was. Workloads follow at once."""
    same_name(wanted.name, name)

    def store(session: Session) -> tuple[Cluster, bool]:
        before = clusters.find(session, name)
        cluster = keep_hidden(wanted, before)
        if cluster != before:
            clusters.put(session, cluster)
            events.add(session, [Happened("cluster_put", f"cluster/{name}")], now=plane.clock.wall())
        return cluster, before is None

    cluster, is_new = await plane.scheduler.change(store, lambda _, stored: stored)
    return Answer(mask(cluster), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.delete("/{name}", **described(gives={204: None}))
async def remove_cluster(plane: Plane, name: PathName) -> Response:
    """Refused while a deployment, a training request, or a run or federation that is under way names it."""

    def delete(session: Session) -> None:
        found(clusters.find(session, name), f"cluster {name}")
        unused("deployment", (one.deployment.name for one in deployments.everyone(session) if name in _named(one)))
        unused("training request", (one.name for one in requests.everyone(session) if one.cluster == name))
        unused("run", (str(one.id) for one in runs.unfinished(session) if one.request.cluster == name))
        unused("federation", (one.name for one in federations.unfinished(session) if one.wanted.cluster == name))
        clusters.remove(session, name)
        events.add(session, [Happened("cluster_removed", f"cluster/{name}")], now=plane.clock.wall())

    await plane.database.run(delete)
    plane.bell.ring()
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _named(stored: StoredDeployment) -> set[str | None]:
    return {name for tier in stored.deployment.tiers for name in (tier.cluster, tier.output_cluster)}
