"""Models: immutable versions made from a manifest whose artifacts are already here."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sqlmodel import Session
from starlette.responses import Response

from controlplane import rollout
from controlplane.auth import operator_only
from controlplane.clock import timestamp
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.plane import ControlPlane
from controlplane.problems import RefusedError
from controlplane.rollout import VersionRef
from controlplane.routes.parameters import PathName, Plane, found, same_name, unused
from controlplane.store import aliases, deployments, events, models, requests
from controlplane.store.deployments import StoredDeployment
from controlplane.store.events import Happened
from shared.documents import AliasTarget, ModelManifest, ModelVersion, Note, VersionName
from shared.errors import DocumentError

router = APIRouter(prefix="/v1/models", tags=["models"], dependencies=[Depends(operator_only)])
PathVersion = Annotated[str, Path(pattern=r"^(latest|[1-9][0-9]{0,9})$")]
PathNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


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
        plane.uploads.require_all(manifest)
        model, is_new = models.register(session, manifest, created_at=timestamp(now))
        if is_new:
            happened = Happened("model_registered", f"model/{name}", {"version": model.version})
            events.add(session, [happened], now=now)
        return model, is_new

    model, is_new = await plane.database.run(store)
    plane.bell.ring()
    return Answer(model, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@router.delete("/{name}/versions/{version}", **described(gives={204: None}))
async def remove_version(plane: Plane, name: PathName, version: PathNumber) -> Response:
    """Refused while a deployment, an alias or a training request names it. Its number is not given again."""

    def delete(session: Session) -> None:
        model = found(models.find(session, name, version), f"model {name}/{version}")
        ref = VersionRef(model=name, version=version)
        unused("alias", model.aliases)
        unused("deployment", (one.deployment.name for one in deployments.everyone(session) if ref in _named(one)))
        start = VersionName(model=name, version=version)
        unused("training request", (one.name for one in requests.everyone(session) if one.start_from == start))
        models.remove(session, name, version)
        happened = Happened("model_removed", f"model/{name}", {"version": version})
        events.add(session, [happened], now=plane.clock.wall())

    await plane.database.run(delete)
    plane.bell.ring()
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put("/{name}/versions/{version}/note", **described(takes=Note, gives={200: ModelVersion}))
async def put_note(plane: Plane, name: PathName, version: PathNumber, wanted: Annotated[Note, body(Note)]) -> Answer:
    """Write a text for people on a version, in place of the one before."""

    def store(session: Session) -> None:
        found(models.find(session, name, version), f"model {name}/{version}")
        models.set_note(session, name, version, wanted.note)
        happened = Happened("model_noted", f"model/{name}", {"version": version})
        events.add(session, [happened], now=plane.clock.wall())

    return await _changed(plane, name, version, store)


@router.put("/{name}/aliases/{alias}", **described(takes=AliasTarget, gives={200: ModelVersion}))
async def put_alias(
    plane: Plane, name: PathName, alias: PathName, wanted: Annotated[AliasTarget, body(AliasTarget)]
) -> Answer:
    """Let a name of this model mean this version from now on; no other has it then."""

    def store(session: Session) -> None:
        if alias == "latest" or alias.isdigit():
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "this is a version already", field="path.alias")
        if models.find(session, name, wanted.version) is None:
            raise DocumentError(f"no model {name}/{wanted.version}", field="version")
        aliases.put(session, name, alias, wanted.version)
        happened = Happened("alias_set", f"model/{name}", {"alias": alias, "version": wanted.version})
        events.add(session, [happened], now=plane.clock.wall())

    return await _changed(plane, name, wanted.version, store)


@router.delete("/{name}/aliases/{alias}", **described(gives={204: None}))
async def remove_alias(plane: Plane, name: PathName, alias: PathName) -> Response:
    """The name means nothing from now on; the version stays."""

    def delete(session: Session) -> None:
        version = found(aliases.find(session, name, alias), f"alias {alias} of model {name}")
        aliases.remove(session, name, alias)
        happened = Happened("alias_removed", f"model/{name}", {"alias": alias, "version": version})
        events.add(session, [happened], now=plane.clock.wall())

    await plane.database.run(delete)
    plane.bell.ring()
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _changed(plane: ControlPlane, name: str, version: int, store: Callable[[Session], None]) -> Answer:
    """Do it, and show the version as it is then."""

    def change(session: Session) -> ModelVersion | None:
        store(session)
        return models.find(session, name, version)

    model = await plane.database.run(change)
    plane.bell.ring()
    return Answer(found(model, f"model {name}/{version}"))


def _named(stored: StoredDeployment) -> set[VersionRef]:
    """Every version that a node may still have because of this deployment."""
    return {*rollout.first_tier_versions(stored.rollout), *rollout.upper_tier_versions(stored.rollout)}
