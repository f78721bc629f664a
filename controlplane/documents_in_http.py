"""Documents as bodies and answers, decoded by msgspec; the OpenAPI document shows the very schema it applies."""

import inspect
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec
from fastapi import Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse

from controlplane.problems import RefusedError
from shared import documents
from shared.documents import Message, Problem, decode, encode
from shared.documents.federation import Federation
from shared.documents.federation_workloads import FederationReport, FederationView
from shared.documents.profile import ProfileView, Profiling, TierTimes
from shared.documents.stream import StreamsReport, StreamView

T = TypeVar("T")
MAX_BODY_BYTES = 4 * 1024 * 1024
_LISTED = (
    documents.Cluster,
    documents.Configuration,
    documents.DeploymentView,
    documents.ModelVersion,
    documents.NetworkSource,
    documents.NodeView,
    documents.RunView,
    documents.TrainingRequest,
    FederationView,
    ProfileView,
)
_PAGED = (documents.RunView, StreamView)
_REF = "#/components/schemas/{name}"


class Items(Message, Generic[T], frozen=True, kw_only=True):
    """A list, in an object so that it can grow a cursor."""

    items: tuple[T, ...]


class Paged(Message, Generic[T], frozen=True, kw_only=True, omit_defaults=True):
    """Of a list without a bound, the latest first. `next`: what `before` is for the rest; missing at the end."""

    items: tuple[T, ...]
    next: str | None = None


class Answer(JSONResponse):
    """A document, as msgspec writes it."""

    def __init__(self, document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(document, status, headers)

    def render(self, content: object) -> bytes:
        return encode(content)


def body(kind: type[T], *, most_bytes: int = MAX_BODY_BYTES) -> Any:  # noqa: ANN401 - a marker inside Annotated
    """The request's body, decoded. Raises DocumentError, which leaves as a problem naming the field."""

    async def read(request: Request) -> T:
        return decode(await _bounded(request, most_bytes), kind)

    return Depends(read)


def described(*, takes: Any = None, gives: Mapping[int, Any], is_open: bool = False) -> dict[str, Any]:  # noqa: ANN401
    """What a route decorator needs to know of its documents: one type for each status; all else is a problem."""
    extra: dict[str, Any] = {"security": []} if is_open else {}
    if takes:
        extra["requestBody"] = {"required": True, **_content(takes, "application/json")}
    return {
        "status_code": next(iter(gives)),
        "responses": answers({status: _content(kind, "application/json") for status, kind in gives.items()}),
        "openapi_extra": extra,
        "response_class": Answer,
    }


def answers(contents: Mapping[int, Mapping[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's answers of one operation, a problem for every status that is not named."""
    named: dict[int | str, dict[str, Any]] = {
        status: {"description": HTTPStatus(status).phrase, **content} for status, content in contents.items()
    }
    return named | {"default": {"description": "A problem", **_content(Problem, "application/problem+json")}}


def stream_of(kind: type, *, summary: str, tag: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """OpenAPI's description of a GET that answers lines of `kind` for ever: those routes bypass FastAPI."""
    described_answers = answers({200: _content(kind, "application/x-ndjson")})
    responses = {str(status): answer for status, answer in described_answers.items()}
    return {"get": {"summary": summary, "tags": [tag], "parameters": parameters, "responses": responses}}


def install_openapi(app: FastAPI, extra_paths: Mapping[str, Any]) -> None:
    """Serve the document with the schemas of all documents in it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            schema["paths"].update(extra_paths)
            schema["components"] = {
                "schemas": _schemas(),
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            }
            schema["security"] = [{"bearer": []}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


async def _bounded(request: Request, most_bytes: int) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > most_bytes:
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a document has at most {most_bytes} bytes")
    return bytes(received)


def _content(kind: Any, media_type: str) -> dict[str, Any]:  # noqa: ANN401 - any type msgspec knows
    """`kind` may be a tuple of alternatives, as msgspec knows no union of structs without a tag; None is no body."""
    if kind is None:
        return {}
    kinds = kind if isinstance(kind, tuple) else (kind,)
    schemas, _ = msgspec.json.schema_components(kinds, ref_template=_REF)
    return {"content": {media_type: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}}}}


def _kinds() -> list[type]:
    everything = (getattr(documents, name) for name in documents.__all__)
    structs = [
        one for one in everything if isinstance(one, type) and issubclass(one, msgspec.Struct) and one.__struct_fields__
    ]
    beside = (Federation, FederationReport, FederationView, StreamsReport, ProfileView, Profiling, TierTimes)
    # Parameters at run time, of which mypy knows nothing.
    lists = [*(Items[kind] for kind in _LISTED), *(Paged[kind] for kind in _PAGED)]  # type: ignore[valid-type]
    return [*structs, *beside, *lists]


def _schemas() -> dict[str, Any]:
    _, components = msgspec.json.schema_components(_kinds(), ref_template=_REF)
    for schema in components.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    return components
