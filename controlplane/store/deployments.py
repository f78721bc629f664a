"""Deployments with their rollout and what could not be placed."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from controlplane.rollout import Rollout
from controlplane.store.tables import DeploymentRow
from shared.documents import Deployment, Unplaced, decode, digest, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDeployment:
    """Times in seconds since the epoch."""

    deployment: Deployment
    rollout: Rollout
    unplaced: tuple[Unplaced, ...]
    etag: str
    created_at: float
    updated_at: float


def put(session: Session, deployment: Deployment, rollout: Rollout, *, now: float) -> None:
    """`deployment` must have its version pinned."""
    row = session.get(DeploymentRow, deployment.name) or DeploymentRow(
        name=deployment.name, unplaced=b"[]", created_at=now, document=b"", rollout=b"", etag="", updated_at=now
    )
    row.document, row.rollout = encode(deployment), encode(rollout)
    row.etag, row.updated_at = digest(deployment), now
    session.add(row)
    session.flush()


def find(session: Session, name: str) -> StoredDeployment | None:
    row = session.get(DeploymentRow, name)
    return _stored(row) if row else None


def everyone(session: Session) -> list[StoredDeployment]:
    return [_stored(row) for row in session.exec(select(DeploymentRow).order_by(col(DeploymentRow.name)))]


def decide(session: Session, name: str, *, rollout: Rollout, unplaced: tuple[Unplaced, ...]) -> None:
    """Write down what a pass of the scheduler decided."""
    values: Mapping[str, bytes] = {"rollout": encode(rollout), "unplaced": encode(unplaced)}
    session.execute(update(DeploymentRow).where(col(DeploymentRow.name) == name).values(**values))


def remove(session: Session, name: str) -> None:
    session.execute(delete(DeploymentRow).where(col(DeploymentRow.name) == name))


def _stored(row: DeploymentRow) -> StoredDeployment:
    return StoredDeployment(
        deployment=decode(row.document, Deployment),
        rollout=decode(row.rollout, Rollout),
        unplaced=decode(row.unplaced, tuple[Unplaced, ...]),
        etag=row.etag,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
