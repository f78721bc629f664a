"""Kafka clusters by name, secrets included: a route hides them, a workload needs them."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.store.tables import ClusterRow
from shared.documents import Cluster, decode, encode


def put(session: Session, cluster: Cluster) -> None:
    session.merge(ClusterRow(name=cluster.name, document=encode(cluster)))


def find(session: Session, name: str) -> Cluster | None:
    row = session.get(ClusterRow, name)
    return decode(row.document, Cluster) if row else None


def everyone(session: Session) -> list[Cluster]:
    return [decode(row.document, Cluster) for row in session.exec(select(ClusterRow).order_by(col(ClusterRow.name)))]


def remove(session: Session, name: str) -> None:
    session.execute(delete(ClusterRow).where(col(ClusterRow.name) == name))
