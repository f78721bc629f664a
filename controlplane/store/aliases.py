"""Names that an operator gives to versions of a model, and takes to others."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.store.tables import AliasRow


def put(session: Session, model: str, alias: str, version: int) -> None:
    session.merge(AliasRow(model=model, alias=alias, version=version))
    session.flush()


def find(session: Session, model: str, alias: str) -> int | None:
    row = session.get(AliasRow, (model, alias))
    return row.version if row else None


def of_version(session: Session, model: str, version: int) -> tuple[str, ...]:
    """By name."""
    query = select(AliasRow.alias).where(AliasRow.model == model, AliasRow.version == version)
    return tuple(session.exec(query.order_by(col(AliasRow.alias))))


def remove(session: Session, model: str, alias: str) -> None:
    session.execute(delete(AliasRow).where(col(AliasRow.model) == model, col(AliasRow.alias) == alias))
