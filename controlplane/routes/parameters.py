"""What handlers take in."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Path, Query, Request

from controlplane.plane import ControlPlane
from controlplane.problems import RefusedError
from shared.documents import digest

T = TypeVar("T")


def plane_of(request: Request) -> ControlPlane:
    plane: ControlPlane = request.app.state.plane
    return plane


Plane = Annotated[ControlPlane, Depends(plane_of)]
PathName = Annotated[str, Path(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
PathRun = Annotated[int, Path(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at once.")]
LIMIT = 100
IfMatch = Annotated[str | None, Header()]
PathSha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def found(thing: T | None, what: str) -> T:
    """Raises RefusedError where there is nothing."""
    if thing is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"no {what}")
    return thing


def unused(kind: str, users: Iterable[str]) -> None:
    """Raises RefusedError while there are any."""
    if names := ", ".join(users):
        raise RefusedError(HTTPStatus.CONFLICT, f"in use by {kind} {names}: end, delete or change it first")


def etag(document: object) -> dict[str, str]:
    return {"ETag": f'"{digest(document)}"'}


def same_name(in_body: str, in_path: str) -> None:
    if in_body != in_path:
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"{in_body!r} in the body, {in_path!r} in the path", field="name"
        )
