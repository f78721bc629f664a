"""Training requests, their numbers pinned."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.store.tables import TrainingRequestRow
from shared.documents import TrainingRequest, decode, digest, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    """`waits_since`: since when under its number, on its topic. By the wall clock, as records of Kafka are dated."""

    request: TrainingRequest
    waits_since: float
    created_at: float

    @property
    def etag(self) -> str:
        return digest(self.request)


def put(session: Session, request: TrainingRequest, *, waits_since: float, now: float) -> None:
    """`request` must have its number pinned."""
    row = session.get(TrainingRequestRow, request.name) or TrainingRequestRow(
        name=request.name, number=0, document=b"", waits_since=now, created_at=now
    )
    row.number, row.document, row.waits_since = request.number or 0, encode(request), waits_since
    session.add(row)
    session.flush()


def find(session: Session, name: str) -> StoredRequest | None:
    row = session.get(TrainingRequestRow, name)
    return _stored(row) if row else None


def numbered(session: Session, number: int) -> StoredRequest | None:
    row = session.exec(select(TrainingRequestRow).where(TrainingRequestRow.number == number)).first()
    return _stored(row) if row else None


def numbers(session: Session) -> set[int]:
    return set(session.exec(select(TrainingRequestRow.number)))


def everyone(session: Session) -> list[TrainingRequest]:
    """By name."""
    rows = session.exec(select(TrainingRequestRow).order_by(col(TrainingRequestRow.name)))
    return [decode(row.document, TrainingRequest) for row in rows]


def remove(session: Session, name: str) -> None:
    session.execute(delete(TrainingRequestRow).where(col(TrainingRequestRow.name) == name))


def _stored(row: TrainingRequestRow) -> StoredRequest:
    return StoredRequest(
        request=decode(row.document, TrainingRequest), waits_since=row.waits_since, created_at=row.created_at
    )
