"""Health for anyone, metrics for the operator."""

from typing import Annotated

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from starlette.responses import Response

from controlplane.auth import operator_only
from controlplane.documents_in_http import Answer, answers, described
from controlplane.federation_showing import states as federation_states
from controlplane.routes.parameters import Plane
from controlplane.store import nodes
from controlplane.views import state_of
from shared.documents import NodeState
from shared.documents.federation_workloads import FederationState

router = APIRouter(tags=["health"])


@router.get("/healthz", **described(gives={200: dict[str, str]}, is_open=True))
async def alive() -> Answer:
    """This process answers."""
    return Answer({"status": "ok"})


@router.get("/readyz", **described(gives={200: dict[str, str]}, is_open=True))
async def ready(plane: Plane) -> Answer:
    """The database answers too."""
    await plane.database.run(lambda session: session.execute(text("SELECT 1")).all())
    return Answer({"status": "ok"})


@router.get(
    "/metrics",
    responses=answers({200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}),
    response_class=Response,
)
async def metrics(plane: Plane, _: Annotated[object, Depends(operator_only)]) -> Response:
    """Prometheus text."""
    everyone = await plane.database.run(nodes.everyone)
    standing = await plane.database.run(lambda session: federation_states(session, plane))
    for stands in FederationState:
        plane.metrics.federations.labels(stands.value).set(standing.count(stands))
    states = [state_of(node, plane.heard(node), plane.moment()) for node in everyone]
    for state in NodeState:
        plane.metrics.nodes.labels(state.value).set(states.count(state))
    return Response(plane.metrics.text(), media_type=CONTENT_TYPE_LATEST)
