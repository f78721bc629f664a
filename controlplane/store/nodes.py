"""Nodes and their credentials."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from controlplane.store.tables import CredentialRow, NodeRow
from shared.documents import NodeFacts, NodeReport, WorkloadStatus, decode, encode

_REPORTED = (
    "facts",
    "statuses",
    "last_seen",
    "observed_generation",
    "highest_generation",
    "boot_id",
    "report_sequence",
)
# A statement takes a bounded number of parameters.
_MOST_NAMED = 1000
# Never a list of revisions, so it differs from whatever is assigned next.
_NOTHING_TOLD = "?"
_labels = msgspec.json.Decoder(dict[str, str])
_facts = msgspec.json.Decoder(NodeFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNode:
    """A node as it is written down, its statuses still encoded. Times in seconds since the epoch."""

    name: str
    labels: dict[str, str]
    facts: NodeFacts
    statuses: bytes
    enrolled_at: float
    last_seen: float | None
    draining: bool
    needs_confirmation: bool
    generation: int
    assigned: str
    observed_generation: int
    highest_generation: int
    boot_id: str
    report_sequence: int

    def decoded_statuses(self) -> tuple[WorkloadStatus, ...]:
        return decode(self.statuses, tuple[WorkloadStatus, ...])


_FIELDS = tuple(StoredNode.__dataclass_fields__)
_COLUMNS = [col(getattr(NodeRow, name)) for name in _FIELDS]


def add(session: Session, name: str, *, labels: dict[str, str], facts: NodeFacts, now: float) -> bool:
    """False when the name is taken."""
    if session.get(NodeRow, name):
        return False
    session.add(NodeRow(name=name, labels=encode(labels), facts=encode(facts), statuses=b"[]", enrolled_at=now))
    session.flush()
    return True


def find(session: Session, name: str) -> StoredNode | None:
    row = session.execute(select(*_COLUMNS).where(col(NodeRow.name) == name)).one_or_none()
    return _stored(row) if row else None


def those(session: Session, names: Collection[str]) -> list[StoredNode]:
    """The nodes of these names that there are."""
    if len(names) > _MOST_NAMED:
        return [node for node in everyone(session) if node.name in names]
    return [_stored(row) for row in session.execute(select(*_COLUMNS).where(col(NodeRow.name).in_(names)))]


def everyone(session: Session) -> list[StoredNode]:
    return [_stored(row) for row in session.execute(select(*_COLUMNS).order_by(col(NodeRow.name)))]


def set_labels(session: Session, name: str, labels: dict[str, str]) -> None:
    _update(session, name, labels=encode(labels))


def set_draining(session: Session, name: str, draining: bool) -> None:
    _update(session, name, draining=draining)


def go_on_from(session: Session, name: str, generation: int) -> None:
    """Go on from `generation`; whatever is assigned next counts as changed."""
    _update(session, name, generation=generation, assigned=_NOTHING_TOLD, needs_confirmation=False)


def ask_for_confirmation(session: Session, name: str, highest_generation: int) -> None:
    _update(session, name, highest_generation=highest_generation, needs_confirmation=True)


def assign(session: Session, assigned: Mapping[str, tuple[int, str]]) -> None:
    """(generation, revisions) of each node whose workloads changed."""
    rows = [
        {"node": name, "new_generation": number, "new_assigned": those} for name, (number, those) in assigned.items()
    ]
    _bulk_update(session, rows, "generation", "assigned")


def set_last_seen(session: Session, times: Mapping[str, float]) -> None:
    _bulk_update(session, [{"node": name, "new_last_seen": time} for name, time in times.items()], "last_seen")


def store_reports(session: Session, reports: Sequence[NodeReport], *, now: float) -> None:
    """At most one report of each node."""
    rows = [
        {
            "node": report.node,
            "new_facts": encode(report.facts),
            "new_statuses": encode(report.workloads),
            "new_last_seen": now,
            "new_observed_generation": report.observed_generation,
            "new_highest_generation": report.highest_generation,
            "new_boot_id": report.boot_id,
            "new_report_sequence": report.sequence,
        }
        for report in reports
    ]
    _bulk_update(session, rows, *_REPORTED)


def remove(session: Session, name: str) -> None:
    session.execute(delete(NodeRow).where(col(NodeRow.name) == name))


def add_credential(session: Session, sha256: str, node: str | None) -> None:
    session.execute(insert(CredentialRow).values(sha256=sha256, node=node))


def replace_credential(session: Session, sha256: str, node: str) -> None:
    session.execute(delete(CredentialRow).where(col(CredentialRow.node) == node))
    add_credential(session, sha256, node)


def note_first_use(session: Session, credential_sha256: str, *, now: float) -> bool:
    """Whether the credential is valid; its node counts as heard from when it is."""
    node = session.execute(select(col(CredentialRow.node)).where(col(CredentialRow.sha256) == credential_sha256))
    name = node.scalar_one_or_none()
    if name is not None:
        _update(session, name, last_seen=now)
    return name is not None


def unheard(session: Session) -> frozenset[str]:
    """Names of the nodes that have never used their credential."""
    return frozenset(session.scalars(select(col(NodeRow.name)).where(col(NodeRow.last_seen).is_(None))))


def is_unheard(session: Session, name: str) -> bool:
    node = find(session, name)
    return node is not None and node.last_seen is None


def replace_operator_credential(session: Session, sha256: str) -> None:
    session.execute(delete(CredentialRow).where(col(CredentialRow.node).is_(None)))
    add_credential(session, sha256, None)


def credentials(session: Session) -> Sequence[tuple[str, str | None]]:
    """(SHA-256, node) of every credential; node is None for the operator's."""
    rows = session.execute(select(col(CredentialRow.sha256), col(CredentialRow.node)))
    return [(sha256, node) for sha256, node in rows]


def _stored(row: Row[*tuple[Any, ...]]) -> StoredNode:
    values = dict(zip(_FIELDS, row, strict=True))
    return StoredNode(**values | {"labels": _labels.decode(row.labels), "facts": _facts.decode(row.facts)})


def _update(session: Session, name: str, **values: object) -> None:
    session.execute(update(NodeRow).where(col(NodeRow.name) == name).values(**values))


def _bulk_update(session: Session, rows: Sequence[dict[str, object]], *columns: str) -> None:
    """Past the ORM: ten thousand nodes change at once."""
    if rows:
        change = update(NodeRow).where(col(NodeRow.name) == bindparam("node"))
        session.connection().execute(change.values({name: bindparam(f"new_{name}") for name in columns}), rows)
