"""Models: immutable versions made from a manifest whose artifacts are already here."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sqlmodel import Session

from controlplane.auth import operator_only
from controlplane.clock import timestamp
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.plane import ControlPlane
from controlplane.routes.parameters import PathName, Plane, found, same_name
from controlplane.store import events, models
from controlplane.store.events import Happened
from shared.documents import ModelManifest, ModelVersion
from shared.errors import DocumentError

router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[Depends(operator_only)])
PathVersion = Annotated[str, Path(pattern=r"^(latest|[1-9][0-9]{0,9})$")]


@router.get("", **described(gives={200: Items[ModelVersion]}))
async def list_models(plane: Plane) -> Answer:
    """The latest version of each model."""
    return Answer(Items[ModelVersion](items=tuple(await plane.database.run(models.latest))))


@router.get("/{name}", **described(gives={200: Items[ModelVersion]}))
async def list_versions(plane: Plane, name: PathName) -> Answer:
    """Every version of one model, the first first."""
    stored = await plane.database.run(lambda session: models.versions(session, name))
    return Answer(Items[ModelVersion](items=tuple(found(stored or None, f"model {name}"))))


@router.get("/{name}/versions/{version}", **described(gives={200: ModelVersion}))
async def get_version(plane: Plane, name: PathName, version: PathVersion) -> Answer:
    """One version by its number, or `latest`."""
    number = None if version == "latest" else int(version)
    stored = await plane.database.run(lambda session: models.find(session, name, number))
    return Answer(found(stored, f"model {name}/{version}"))


@router.post("/{name}/versions", **described(takes=ModelManifest, gives={201: ModelVersion, 200: ModelVersion}))
async def register_version(
    plane: Plane, name: PathName, manifest: Annotated[ModelManifest, body(ModelManifest)]
) -> Answer:
    """Register a manifest as the next version. The same manifest again is the same version, with status 200."""
    same_name(manifest.name, name)
    now = plane.clock.wall()

    def store(session: Session) -> tuple[ModelVersion, bool]:
        # In here, where leftovers are removed too: what is there now will stay.
        _check_artifacts(plane, manifest)
        model, is_new = models.register(session, manifest, created_at=timestamp(now))
        if is_new:
            happened = Happened("model_registered", f"model/{name}", {"version": model.version})
            events.add(session, [happened], now=now)
        return model, is_new

    model, is_new = await plane.database.run(store)
    plane.bell.ring()
    return Answer(model, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


def _check_artifacts(plane: ControlPlane, manifest: ModelManifest) -> None:
    for i, sub_model in enumerate(manifest.sub_models):
        for j, artifact in enumerate(sub_model.artifacts):
            field, view = f"sub_models[{i}].artifacts[{j}]", plane.uploads.view(artifact.sha256)
            if not view.complete:
                raise DocumentError(
                    f"not here: upload it by PATCH /v1/artifacts/{artifact.sha256} first", field=f"{field}.sha256"
                )
            if view.received_bytes != artifact.size_bytes:
                raise DocumentError(f"the artifact has {view.received_bytes} bytes", field=f"{field}.size_bytes")
