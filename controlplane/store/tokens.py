"""Enrolment tokens, as hashes."""

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from controlplane.store.tables import EnrolmentTokenRow
from shared.documents import decode, encode


def add(session: Session, sha256: str, *, labels: dict[str, str], expires_at: float) -> None:
    session.add(EnrolmentTokenRow(sha256=sha256, labels=encode(labels), expires_at=expires_at))


def use(session: Session, sha256: str, *, by: str, now: float) -> dict[str, str] | None:
    """Use a token up: the labels it forces upon the node, or None when it is unknown, used or expired."""
    table = EnrolmentTokenRow
    unused = (col(table.sha256) == sha256, col(table.used_at).is_(None), col(table.expires_at) > now)
    used = update(table).where(*unused).values(used_at=now, used_by=by).returning(col(table.labels))
    labels = session.execute(used).scalar_one_or_none()
    return None if labels is None else decode(labels, dict[str, str])


def has_made(session: Session, sha256: str, *, node: str, now: float) -> bool:
    """Whether this token, not yet expired, is the one that made the node."""
    table = EnrolmentTokenRow
    spent = (col(table.sha256) == sha256, col(table.used_by) == node, col(table.expires_at) > now)
    return session.execute(select(col(table.sha256)).where(*spent)).one_or_none() is not None


def forget(session: Session, *, node: str) -> None:
    """The node is removed: the token that made it must not stand for a later node of that name."""
    session.execute(delete(EnrolmentTokenRow).where(col(EnrolmentTokenRow.used_by) == node))
