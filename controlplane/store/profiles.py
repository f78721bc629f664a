"""Profilings: what is to be timed, and what was found."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from controlplane.profiles import Profile
from controlplane.store.tables import ProfileRow
from shared.documents import decode, encode
from shared.documents.profile import ProfileState


def save(session: Session, profile: Profile) -> None:
    session.merge(ProfileRow(name=profile.name, state=profile.state.value, document=encode(profile)))
    session.flush()


def find(session: Session, name: str) -> Profile | None:
    row = session.get(ProfileRow, name)
    return decode(row.document, Profile) if row else None


def everyone(session: Session) -> list[Profile]:
    """By name."""
    return [decode(row.document, Profile) for row in session.exec(select(ProfileRow).order_by(col(ProfileRow.name)))]


def measuring(session: Session) -> list[Profile]:
    """By name, those that are not over."""
    query = select(ProfileRow).where(ProfileRow.state == ProfileState.MEASURING.value).order_by(col(ProfileRow.name))
    return [decode(row.document, Profile) for row in session.exec(query)]


def remove(session: Session, name: str) -> None:
    session.execute(delete(ProfileRow).where(col(ProfileRow.name) == name))
