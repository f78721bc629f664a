"""Configurations: networks that are trained on the same stream."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.store.tables import ConfigurationRow
from shared.documents import Configuration, decode, encode


def put(session: Session, configuration: Configuration) -> None:
    session.merge(ConfigurationRow(name=configuration.name, document=encode(configuration)))


def find(session: Session, name: str) -> Configuration | None:
    row = session.get(ConfigurationRow, name)
    return decode(row.document, Configuration) if row else None


def everyone(session: Session) -> list[Configuration]:
    """By name."""
    rows = session.exec(select(ConfigurationRow).order_by(col(ConfigurationRow.name)))
    return [decode(row.document, Configuration) for row in rows]


def remove(session: Session, name: str) -> None:
    session.execute(delete(ConfigurationRow).where(col(ConfigurationRow.name) == name))
