"""The log of changes, numbered in the order they were committed."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from controlplane.clock import timestamp
from controlplane.store.tables import EventRow
from shared.documents import Event, decode, encode


@dataclass(frozen=True, slots=True)
class Happened:
    """`kind` in the past tense; `subject` as in `node/edge-1`. Never a secret in `detail`."""

    kind: str
    subject: str
    detail: dict[str, Any] = field(default_factory=dict)


def add(session: Session, happened: list[Happened], *, now: float) -> None:
    if happened:
        rows = [
            {"time": now, "kind": one.kind, "subject": one.subject, "detail": encode(one.detail)} for one in happened
        ]
        session.execute(insert(EventRow), rows)


def after(session: Session, sequence: int, *, limit: int) -> list[Event]:
    query = select(EventRow).where(col(EventRow.sequence) > sequence).order_by(col(EventRow.sequence)).limit(limit)
    return [
        Event(
            sequence=row.sequence or 0,
            time=timestamp(row.time),
            kind=row.kind,
            subject=row.subject,
            detail=decode(row.detail, dict[str, Any]),
        )
        for row in session.exec(query)
    ]


def last_sequence(session: Session) -> int:
    return session.exec(select(func.max(EventRow.sequence))).one() or 0


def forget_older(session: Session, *, keep: int) -> None:
    session.execute(delete(EventRow).where(col(EventRow.sequence) <= last_sequence(session) - keep))
