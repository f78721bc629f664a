"""Model versions: immutable, numbered from 1 within a name."""

from collections.abc import Iterable

from sqlalchemy import func
from sqlmodel import Session, col, select

from controlplane.rollout import VersionRef
from controlplane.store.tables import ModelVersionRow
from shared.documents import ModelManifest, ModelVersion, decode, digest, encode


def register(session: Session, manifest: ModelManifest, *, created_at: str) -> tuple[ModelVersion, bool]:
    """The version of this manifest, and whether it is new: the same manifest again is the same version."""
    table = ModelVersionRow
    known = session.exec(select(table).where(table.name == manifest.name, table.digest == digest(manifest))).first()
    if known:
        return decode(known.document, ModelVersion), False
    last = session.exec(select(func.max(table.version)).where(table.name == manifest.name)).one()
    model = ModelVersion(manifest=manifest, version=(last or 0) + 1, created_at=created_at)
    session.add(table(name=manifest.name, version=model.version, digest=digest(manifest), document=encode(model)))
    return model, True


def find(session: Session, name: str, version: int | None = None) -> ModelVersion | None:
    """`version` None: the latest."""
    query = select(ModelVersionRow).where(ModelVersionRow.name == name)
    if version is not None:
        query = query.where(ModelVersionRow.version == version)
    row = session.exec(query.order_by(col(ModelVersionRow.version).desc())).first()
    return decode(row.document, ModelVersion) if row else None


def versions(session: Session, name: str) -> list[ModelVersion]:
    query = select(ModelVersionRow).where(ModelVersionRow.name == name).order_by(col(ModelVersionRow.version))
    return [decode(row.document, ModelVersion) for row in session.exec(query)]


def latest(session: Session) -> list[ModelVersion]:
    """The latest version of each model, by name."""
    query = select(ModelVersionRow).order_by(col(ModelVersionRow.name), col(ModelVersionRow.version))
    rows = {row.name: row for row in session.exec(query)}
    return [decode(row.document, ModelVersion) for row in rows.values()]


def artifacts(session: Session) -> frozenset[str]:
    """The SHA-256 of every artifact that any version names."""
    stored = (decode(row.document, ModelVersion) for row in session.exec(select(ModelVersionRow)))
    return frozenset(
        artifact.sha256
        for model in stored
        for sub_model in model.manifest.sub_models
        for artifact in sub_model.artifacts
    )


def those(session: Session, refs: Iterable[VersionRef]) -> dict[VersionRef, ModelVersion]:
    found = {ref: find(session, ref.model, ref.version) for ref in set(refs)}
    return {ref: model for ref, model in found.items() if model}
