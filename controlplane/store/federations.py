"""Federations, one edition of each name; no edition is given twice."""

from collections.abc import Iterable

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.federations import Federated
from controlplane.store.tables import FederationNameRow, FederationRow
from shared.documents import decode, encode
from shared.documents.federation_workloads import FederationProgress


def next_edition(session: Session, name: str) -> int:
    """From 1; goes on after the last one even when that was removed."""
    row = session.get(FederationNameRow, name) or FederationNameRow(name=name, last_edition=0)
    row.last_edition += 1
    session.add(row)
    session.flush()
    return row.last_edition


def begin(session: Session, one: Federated) -> None:
    """In place of the edition before, of which nothing is kept here."""
    row = FederationRow(name=one.name, is_over=one.is_over, document=encode(one), progress=encode(FederationProgress()))
    session.merge(row)
    session.flush()


def save(session: Session, one: Federated) -> None:
    """Write down what has become of one that is there."""
    row = session.get_one(FederationRow, one.name)
    row.is_over, row.document = one.is_over, encode(one)
    session.flush()


def find(session: Session, name: str) -> Federated | None:
    row = session.get(FederationRow, name)
    return _federated(row) if row else None


def everyone(session: Session) -> list[Federated]:
    """By name."""
    return [_federated(row) for row in session.exec(select(FederationRow).order_by(col(FederationRow.name)))]


def unfinished(session: Session) -> list[Federated]:
    """By name."""
    query = select(FederationRow).where(col(FederationRow.is_over).is_(False)).order_by(col(FederationRow.name))
    return [_federated(row) for row in session.exec(query)]


def progress(session: Session, name: str) -> FederationProgress:
    """As its coordinator told last. Passes do without: it may tell of ten thousand participants."""
    return decode(session.get_one(FederationRow, name).progress, FederationProgress)


def note_progress(session: Session, name: str, told: FederationProgress) -> None:
    session.get_one(FederationRow, name).progress = encode(told)
    session.flush()


def remove(session: Session, name: str) -> None:
    """Its edition stays used."""
    session.execute(delete(FederationRow).where(col(FederationRow.name) == name))


def artifacts(session: Session) -> frozenset[str]:
    """The SHA-256 of every file that a federation was made from or left behind."""
    return frozenset(sha256 for one in everyone(session) for sha256 in _artifacts(one))


def _artifacts(one: Federated) -> Iterable[str]:
    yield from (file.sha256 for file in one.network.files)
    yield from (file.sha256 for file in one.files)
    if one.start_from is not None:
        yield one.start_from.weights.sha256


def _federated(row: FederationRow) -> Federated:
    return decode(row.document, Federated)
