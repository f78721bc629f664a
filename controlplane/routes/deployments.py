"""Deployments: what the operator wants, what it came to, and how it stands."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane import deploying
from controlplane.auth import operator_only
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.patience import report_intervals, require_patience
from controlplane.plane import ControlPlane
from controlplane.preconditions import check_if_match
from controlplane.routes.parameters import IfMatch, PathName, Plane, found, same_name
from controlplane.store import deployments, events, nodes, phases, placements
from controlplane.store.deployments import StoredDeployment
from controlplane.store.events import Happened
from controlplane.views import deployment_plan, deployment_status, deployment_view
from controlplane.workloads import owner, workload_id
from shared.documents import Deployment, DeploymentPlan, DeploymentStatus, DeploymentView

router = APIRouter(prefix="/v1/deployments", tags=["deployments"], dependencies=[Depends(operator_only)])


@router.get("", **described(gives={200: Items[DeploymentView]}))
async def list_deployments(plane: Plane) -> Answer:
    """Every deployment, by name."""
    stored = await plane.database.run(deployments.everyone)
    return Answer(Items[DeploymentView](items=tuple(deployment_view(one) for one in stored)))


@router.get("/{name}", **described(gives={200: DeploymentView}))
async def get_deployment(plane: Plane, name: PathName) -> Answer:
    """One deployment as it is stored, with its `ETag`."""
    stored = await plane.database.run(lambda session: deployments.find(session, name))
    return _shown(found(stored, f"deployment {name}"))


@router.get("/{name}/status", **described(gives={200: DeploymentStatus}))
async def get_deployment_status(plane: Plane, name: PathName) -> Answer:
    """Where each share runs, whether it runs what was asked for, and what could not be placed."""
    return Answer(await plane.database.run(lambda session: _status(plane, session, name)))


@router.put(
    "/{name}",
    **described(takes=Deployment, gives={200: (DeploymentView, DeploymentPlan), 201: DeploymentView}),
)
async def put_deployment(
    plane: Plane,
    name: PathName,
    wanted: Annotated[Deployment, body(Deployment)],
    if_match: IfMatch = None,
    dry_run: bool = False,
) -> Answer:
    """Create or change; `latest` is pinned now. `dry_run` answers what would come of it and changes nothing."""
    same_name(wanted.name, name)

    def store(session: Session) -> StoredDeployment | None:
        before = deployments.find(session, name)
        check_if_match(if_match, before.etag if before else None)
        if before is None or before.deployment.stale_after_s != wanted.stale_after_s:
            selectors = [tier.wanted_labels for tier in wanted.tiers]
            require_patience(wanted.stale_after_s, report_intervals(nodes.everyone(session), selectors))
        deploying.put(session, wanted, before, plane.times())
        return before

    if dry_run:
        return Answer(await plane.scheduler.change(store, _plan_of(name), dry_run=True))
    before, after = await plane.scheduler.change(
        store, lambda session, before: (before, deployments.find(session, name))
    )
    return _shown(found(after, f"deployment {name}"), HTTPStatus.OK if before else HTTPStatus.CREATED)


@router.delete("/{name}", **described(gives={204: None}))
async def remove_deployment(plane: Plane, name: PathName, if_match: IfMatch = None) -> Response:
    """Its workloads drain; its topics stay."""

    def delete(session: Session) -> None:
        stored = found(deployments.find(session, name), f"deployment {name}")
        check_if_match(if_match, stored.etag)
        deployments.remove(session, name)
        events.add(session, [Happened("deployment_removed", f"deployment/{name}")], now=plane.clock.wall())

    await plane.scheduler.change(delete, lambda _, nothing: nothing)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _shown(stored: StoredDeployment, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(deployment_view(stored), status, {"ETag": f'"{stored.etag}"'})


def _plan_of(name: str) -> Callable[[Session, StoredDeployment | None], DeploymentPlan]:
    def plan(session: Session, before: StoredDeployment | None) -> DeploymentPlan:
        after = found(deployments.find(session, name), f"deployment {name}")
        changed = before is None or before.etag != after.etag
        return deployment_plan(after, placements.of_owner(session, owner(name)), changed=changed)

    return plan


def _status(plane: ControlPlane, session: Session, name: str) -> DeploymentStatus:
    stored = found(deployments.find(session, name), f"deployment {name}")
    placed = placements.of_owner(session, owner(name))
    involved = nodes.those(session, {share.node for share in placed})
    ids = {workload_id(name, tier.tier) for tier in stored.deployment.tiers}
    return deployment_status(
        stored,
        placed,
        {node.name: (node, plane.heard(node)) for node in involved},
        phases.of_workloads(session, ids),
        plane.moment(),
    )
