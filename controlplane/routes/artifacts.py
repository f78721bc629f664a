"""Artifacts: uploaded in as many pieces as it takes, downloaded whole or by range."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from sqlmodel import Session
from starlette.responses import FileResponse, Response

from controlplane.auth import Principal, anybody_known
from controlplane.documents_in_http import Answer, answers, described
from controlplane.federation_demands import coordinated
from controlplane.problems import RefusedError
from controlplane.routes.parameters import PathSha256, Plane, found
from controlplane.store import placements, runs
from controlplane.uploads import upload_headers
from shared.documents import ArtifactView

router = APIRouter(prefix="/v1/artifacts", tags=["artifacts"])
_OCTETS = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_RAW_BODY = {"requestBody": {"required": True, **_OCTETS}}
_BYTES = answers({200: _OCTETS, 206: _OCTETS})
Size = Annotated[int, Header(ge=0, le=2**53)]


@router.head("/{sha256}", dependencies=[Depends(anybody_known)], **described(gives={200: None, 204: None}))
async def find_artifact(plane: Plane, sha256: PathSha256) -> Response:
    """Where an upload goes on: `Upload-Offset`; 200 when the artifact is whole, 204 when it is not."""
    view = plane.uploads.view(sha256)
    if not view.complete:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=upload_headers(view))
    return Response(
        headers={**upload_headers(view), "Content-Length": str(view.received_bytes), "Accept-Ranges": "bytes"}
    )


@router.get("/{sha256}", dependencies=[Depends(anybody_known)], responses=_BYTES, response_class=FileResponse)
async def download_artifact(plane: Plane, sha256: PathSha256) -> FileResponse:
    """The bytes, streamed; `Range` is honoured."""
    path = found(plane.uploads.find(sha256), f"artifact {sha256}")
    return FileResponse(path, media_type="application/octet-stream", headers={"ETag": f'"{sha256}"'})


@router.patch(
    "/{sha256}",
    **{**described(gives={200: ArtifactView}), "openapi_extra": _RAW_BODY},
)
async def upload_artifact(
    plane: Plane,
    request: Request,
    sha256: PathSha256,
    upload_offset: Size,
    upload_length: Size,
    principal: Annotated[Principal, Depends(anybody_known)],
) -> Answer:
    """Append the raw bytes of the body at `Upload-Offset`, of `Upload-Length` in all; the last piece is verified.

    A node may, while it has a training run, or coordinates a federation.
    """
    if principal.node is not None and not await plane.database.run(partial(_makes_something, node=principal.node)):
        raise RefusedError(
            HTTPStatus.FORBIDDEN, f"{principal} has no training run and coordinates nothing: it has nothing to upload"
        )
    view = await plane.uploads.append(sha256, offset=upload_offset, length=upload_length, chunks=request.stream())
    plane.metrics.artifact_bytes.inc(max(0, view.received_bytes - upload_offset))
    return Answer(view, headers=upload_headers(view))


def _makes_something(session: Session, node: str) -> bool:
    return runs.is_on(session, node) or any(
        coordinated(one.owner, one.part) for one in placements.of_node(session, node)
    )
