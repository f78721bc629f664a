"""Which workload document lies on which node."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from controlplane.store.tables import PlacementRow, WorkloadRow
from controlplane.world import Placed, Share

_FIELDS = tuple(Placed.__dataclass_fields__)
_COLUMNS = [col(getattr(PlacementRow, name)) for name in _FIELDS]

_KEY = ("owner", "part", "node")
_EXACTLY = [col(getattr(PlacementRow, name)) == bindparam(f"its_{name}") for name in _KEY]


def everyone(session: Session) -> list[Placed]:
    return _placed(session, select(*_COLUMNS))


def of_owner(session: Session, owner: str) -> list[Placed]:
    query = select(*_COLUMNS).where(col(PlacementRow.owner) == owner)
    return _placed(session, query.order_by(col(PlacementRow.part), col(PlacementRow.node)))


def of_node(session: Session, node: str) -> list[Placed]:
    return _placed(session, select(*_COLUMNS).where(col(PlacementRow.node) == node))


def documents(session: Session, revisions: Iterable[str]) -> dict[str, bytes]:
    wanted = sorted(set(revisions))
    query = select(col(WorkloadRow.revision), col(WorkloadRow.document)).where(col(WorkloadRow.revision).in_(wanted))
    return {row.revision: row.document for row in session.execute(query)}


def add_documents(session: Session, wanted: Mapping[str, bytes]) -> None:
    known = documents(session, wanted)
    fresh = [{"revision": name, "document": document} for name, document in wanted.items() if name not in known]
    if fresh:
        session.execute(insert(WorkloadRow), fresh)


def add(session: Session, placed: Sequence[Placed]) -> None:
    if placed:
        session.connection().execute(insert(PlacementRow), [_values(one) for one in placed])


def change(session: Session, placed: Sequence[Placed]) -> None:
    """Give shares that are there another revision."""
    rows = [{**_where(one.share), "new_revision": one.revision, "new_since": one.since} for one in placed]
    if rows:
        values: dict[str, object] = {"revision": bindparam("new_revision"), "since": bindparam("new_since")}
        session.connection().execute(update(PlacementRow).where(*_EXACTLY).values(values), rows)


def remove(session: Session, shares: Sequence[Share]) -> None:
    if shares:
        session.connection().execute(delete(PlacementRow).where(*_EXACTLY), [_where(share) for share in shares])


def forget_unused_documents(session: Session) -> None:
    used = select(col(PlacementRow.revision)).distinct()
    session.execute(delete(WorkloadRow).where(col(WorkloadRow.revision).not_in(used)))


def _values(placed: Placed) -> dict[str, object]:
    return {name: getattr(placed, name) for name in _FIELDS}


def _where(share: Share) -> dict[str, object]:
    return {f"its_{name}": value for name, value in zip(_KEY, share, strict=True)}


def _placed(session: Session, query: Select[Any]) -> list[Placed]:
    return [Placed(**dict(zip(_FIELDS, row, strict=True))) for row in session.execute(query)]
