"""Model versions: immutable, numbered from 1 within a name; no number is given twice."""

from collections.abc import Iterable

from msgspec.structs import replace
from sqlalchemy import ColumnElement, delete, update
from sqlmodel import Session, col, select

from controlplane.rollout import VersionRef
from controlplane.store import aliases
from controlplane.store.tables import ModelRow, ModelVersionRow
from shared.documents import Lineage, ModelManifest, ModelVersion, RunFile, decode, digest, encode


def register(session: Session, manifest: ModelManifest, *, created_at: str) -> tuple[ModelVersion, bool]:
    """The version of this manifest, and whether it is new: the same manifest again is the same version."""
    table = ModelVersionRow
    known = select(table).where(table.name == manifest.name, table.digest == digest(manifest))
    row = session.exec(known.order_by(col(table.version))).first()
    if row:
        return _shown(session, row), False
    return _add(session, manifest, created_at=created_at), True


def publish(
    session: Session, manifest: ModelManifest, lineage: Lineage, weights: RunFile | None, *, created_at: str
) -> ModelVersion:
    """What a run made is a version of its own, were it like another to the last bit."""
    return _add(session, manifest, lineage=lineage, weights=weights, created_at=created_at)


def find(session: Session, name: str, version: int | None = None) -> ModelVersion | None:
    """`version` None: the latest."""
    row = _row(session, name, version)
    return _shown(session, row) if row else None


def weights(session: Session, name: str, version: int) -> RunFile | None:
    """What another run can start from; None where there is no such version, or none that says."""
    row = _row(session, name, version)
    return decode(row.weights, RunFile) if row and row.weights else None


def versions(session: Session, name: str) -> list[ModelVersion]:
    query = select(ModelVersionRow).where(ModelVersionRow.name == name).order_by(col(ModelVersionRow.version))
    return [_shown(session, row) for row in session.exec(query)]


def latest(session: Session) -> list[ModelVersion]:
    """The latest version of each model, by name."""
    query = select(ModelVersionRow).order_by(col(ModelVersionRow.name), col(ModelVersionRow.version))
    rows = {row.name: row for row in session.exec(query)}
    return [_shown(session, row) for row in rows.values()]


def set_note(session: Session, name: str, version: int, note: str) -> None:
    session.execute(update(ModelVersionRow).where(*_exactly(name, version)).values(note=note))


def remove(session: Session, name: str, version: int) -> None:
    """Its number stays used."""
    session.execute(delete(ModelVersionRow).where(*_exactly(name, version)))


def artifacts(session: Session) -> frozenset[str]:
    """The SHA-256 of every artifact that any version names, and of every file that it was made from."""
    return frozenset(sha256 for row in session.exec(select(ModelVersionRow)) for sha256 in _artifacts(row))


def those(session: Session, refs: Iterable[VersionRef]) -> dict[VersionRef, ModelVersion]:
    """Without their aliases and notes."""
    rows = {ref: _row(session, ref.model, ref.version) for ref in set(refs)}
    return {ref: decode(row.document, ModelVersion) for ref, row in rows.items() if row}


def _add(
    session: Session,
    manifest: ModelManifest,
    *,
    created_at: str,
    lineage: Lineage | None = None,
    weights: RunFile | None = None,
) -> ModelVersion:
    number = _next_number(session, manifest.name)
    model = ModelVersion(manifest=manifest, version=number, created_at=created_at, lineage=lineage)
    row = ModelVersionRow(
        name=manifest.name,
        version=number,
        digest=digest(manifest),
        document=encode(model),
        weights=encode(weights) if weights else None,
    )
    session.add(row)
    session.flush()
    return model


def _next_number(session: Session, name: str) -> int:
    row = session.get(ModelRow, name) or ModelRow(name=name, last_version=0)
    row.last_version += 1
    session.add(row)
    return row.last_version


def _row(session: Session, name: str, version: int | None) -> ModelVersionRow | None:
    query = select(ModelVersionRow).where(ModelVersionRow.name == name)
    if version is not None:
        query = query.where(ModelVersionRow.version == version)
    return session.exec(query.order_by(col(ModelVersionRow.version).desc())).first()


def _exactly(name: str, version: int) -> tuple[ColumnElement[bool], ...]:
    return col(ModelVersionRow.name) == name, col(ModelVersionRow.version) == version


def _shown(session: Session, row: ModelVersionRow) -> ModelVersion:
    model = decode(row.document, ModelVersion)
    return replace(model, aliases=aliases.of_version(session, row.name, row.version), note=row.note)


def _artifacts(row: ModelVersionRow) -> Iterable[str]:
    model = decode(row.document, ModelVersion)
    for sub_model in model.manifest.sub_models:
        yield from (artifact.sha256 for artifact in sub_model.artifacts)
    if model.lineage is not None:
        yield from model.lineage.sources
    if row.weights:
        yield decode(row.weights, RunFile).sha256
