"""Every error leaves as a problem document, RFC 9457, naming the field where one is to blame."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.documents import Problem, encode
from shared.errors import ArtifactError, DiskFullError, DocumentError, FoglineError, StorageError

_log = logging.getLogger(__name__)


class RefusedError(FoglineError):
    """A request that is not granted: HTTP `status`, why, and which part of the request is to blame."""

    def __init__(
        self, status: HTTPStatus, reason: str, *, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.field = field
        self.headers = dict(headers or {})


def problem(
    status: int, detail: str, *, field: str = "", headers: Mapping[str, str] | None = None, instance: str = ""
) -> Response:
    document = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, field=field, instance=instance)
    return Response(encode(document), status, dict(headers or {}), "application/problem+json")


def unstored(error: StorageError, method: str, path: str) -> Response:
    _log.error("%s %s: %s", method, path, error)
    is_full = isinstance(error, DiskFullError)
    status = HTTPStatus.INSUFFICIENT_STORAGE if is_full else HTTPStatus.SERVICE_UNAVAILABLE
    return problem(status, str(error), instance=path)


def install(app: FastAPI) -> None:
    """From here on nothing leaves `app` as an error in another form."""
    _install_ours(app)
    _install_foreign(app)


def _install_ours(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(request: Request, error: RefusedError) -> Response:
        return _answer(request, error.status, str(error), field=error.field, headers=error.headers)

    @app.exception_handler(DocumentError)
    async def broken(request: Request, error: DocumentError) -> Response:
        return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, error.reason, field=error.field)

    @app.exception_handler(ArtifactError)
    async def damaged(request: Request, error: ArtifactError) -> Response:
        return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error), field="sha256")

    @app.exception_handler(StorageError)
    async def failed(request: Request, error: StorageError) -> Response:
        return unstored(error, request.method, request.url.path)


def _install_foreign(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where, *path = (str(part) for part in first["loc"])
        field = path[0].title() if where == "header" else ".".join((where, *path))
        return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, first["msg"], field=field)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return _answer(request, error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, _error: Exception) -> Response:
        return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "see the control plane's log")


def _answer(
    request: Request, status: int, detail: str, *, field: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    return problem(status, detail, field=field, headers=headers, instance=request.url.path)
