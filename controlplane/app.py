"""The application: routes over one control plane, problems for errors, the gate in front."""

from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from controlplane import problems
from controlplane.auth import Gate, operator_only
from controlplane.documents_in_http import install_openapi
from controlplane.metrics import CountRequests
from controlplane.plane import ControlPlane
from controlplane.routes import (
    announced_streams,
    artifacts,
    assignments,
    clusters,
    configurations,
    deployments,
    enrolment,
    federations,
    health,
    models,
    networks,
    nodes,
    profiles,
    reports,
    runs,
    streams,
    training_requests,
)

_ROUTERS = (
    health,
    enrolment,
    nodes,
    clusters,
    models,
    artifacts,
    deployments,
    networks,
    configurations,
    training_requests,
    announced_streams,
    runs,
    profiles,
    federations,
    assignments,
    reports,
)


def create_app(plane: ControlPlane) -> FastAPI:
    """`plane` must be running while the application answers."""
    app = FastAPI(
        title="Fogline control plane",
        description="HTTP in, documents out. Errors are problem documents (RFC 9457).",
        version=version("fogline"),
        routes=list(streams.routes(plane)),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.plane = plane
    for module in _ROUTERS:
        app.include_router(module.router)
    _add_docs(app)
    problems.install(app)
    install_openapi(app, streams.OPENAPI_PATHS)
    app.add_middleware(Gate, keyring=plane.keyring, note_first_use=plane.note_first_use)
    app.add_middleware(CountRequests, metrics=plane.metrics)
    return app


def _add_docs(app: FastAPI) -> None:
    """FastAPI's own pages, for the operator only."""

    @app.get("/openapi.json", include_in_schema=False, dependencies=[Depends(operator_only)])
    async def openapi(request: Request) -> Response:
        return JSONResponse(app.openapi())

    @app.get("/docs", include_in_schema=False, dependencies=[Depends(operator_only)])
    async def docs(request: Request) -> Response:
        return get_swagger_ui_html(openapi_url="/openapi.json", title=app.title)
