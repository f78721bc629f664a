"""Documents as bodies and answers, decoded by msgspec; the OpenAPI document shows the very schema it applies."""

import inspect
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from controlplane.problems import RefusedError
from shared import documents
from shared.documents import Message, Problem, decode, encode

T = TypeVar("T")
MAX_BODY_BYTES = 4 * 1024 * 1024
_REF = "#/components/schemas/{name}"


class Items(Message, Generic[T], frozen=True, kw_only=True):
    """A list, in an object so that it can grow a cursor."""

    items: tuple[T, ...]


class Answer(Response):
    media_type = "application/json"

    def __init__(self, document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(encode(document), status, dict(headers or {}))


def body(kind: type[T]) -> Any:  # noqa: ANN401 - a marker inside Annotated
    """The request's body, decoded. Raises DocumentError, which leaves as a problem naming the field."""

    async def read(request: Request) -> T:
        return decode(await _bounded(request), kind)

    return Depends(read)


def described(*, takes: Any = None, gives: Mapping[int, Any], is_open: bool = False) -> dict[str, Any]:  # noqa: ANN401
    """What a route decorator needs to know of its documents: one type for each status; all else is a problem."""
    answers: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, **(_content(kind, "application/json") if kind else {})}
        for status, kind in gives.items()
    }
    answers["default"] = {"description": "A problem", **_content(Problem, "application/problem+json")}
    extra: dict[str, Any] = {"security": []} if is_open else {}
    if takes:
        extra["requestBody"] = {"required": True, **_content(takes, "application/json")}
    return {"status_code": next(iter(gives)), "responses": answers, "openapi_extra": extra, "response_class": Answer}


def install_openapi(app: FastAPI) -> None:
    """Serve the document with the schemas of all documents in it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            components = schema.setdefault("components", {})
            components["schemas"] = _schemas()
            components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            schema["security"] = [{"bearer": []}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


async def _bounded(request: Request) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY_BYTES:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a document has at most {MAX_BODY_BYTES} bytes")
    return bytes(received)


def _content(kind: Any, media_type: str) -> dict[str, Any]:  # noqa: ANN401 - any type msgspec knows
    """`kind` may be a tuple of alternatives: msgspec knows no union of structs without a tag."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    schemas, _ = msgspec.json.schema_components(kinds, ref_template=_REF)
    return {"content": {media_type: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}}}}


def _kinds() -> list[type]:
    everything = (getattr(documents, name) for name in documents.__all__)
    structs = [one for one in everything if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    lists = (documents.NodeView, documents.Cluster, documents.ModelVersion, documents.DeploymentView)
    return [*structs, *(Items[kind] for kind in lists)]  # type: ignore[valid-type]  # a runtime parameter


def _schemas() -> dict[str, Any]:
    _, components = msgspec.json.schema_components(_kinds(), ref_template=_REF)
    for schema in components.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    return components
