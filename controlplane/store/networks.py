"""Networks to be trained: which files they are made of."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.store.tables import NetworkRow
from shared.documents import NetworkSource, decode, encode


def put(session: Session, network: NetworkSource) -> None:
    session.merge(NetworkRow(name=network.name, document=encode(network)))


def find(session: Session, name: str) -> NetworkSource | None:
    row = session.get(NetworkRow, name)
    return decode(row.document, NetworkSource) if row else None


def everyone(session: Session) -> list[NetworkSource]:
    """By name."""
    rows = session.exec(select(NetworkRow).order_by(col(NetworkRow.name)))
    return [decode(row.document, NetworkSource) for row in rows]


def artifacts(session: Session) -> frozenset[str]:
    """The SHA-256 of every file of a network."""
    return frozenset(file.sha256 for network in everyone(session) for file in network.files)


def remove(session: Session, name: str) -> None:
    session.execute(delete(NetworkRow).where(col(NetworkRow.name) == name))
