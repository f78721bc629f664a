"""Since when each workload of a node has been in its phase, by this control plane's steady clock."""

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from controlplane.store.tables import PhaseRow
from shared.documents import NodeReport


def note(session: Session, report: NodeReport, *, now: float) -> None:
    """Take over the phases of a report; one that a boot has said before keeps its time."""
    known = {row.workload: row for row in session.exec(select(PhaseRow).where(PhaseRow.node == report.node))}
    said = {status.id: status.phase.value for status in report.workloads}
    if said == {id_: row.phase for id_, row in known.items() if row.boot_id == report.boot_id} and len(said) == len(
        known
    ):
        return
    session.execute(delete(PhaseRow).where(col(PhaseRow.node) == report.node))
    rows = []
    for workload, phase in said.items():
        row = known.get(workload)
        stays = row is not None and (row.phase, row.boot_id) == (phase, report.boot_id)
        since = row.since if row is not None and stays else now
        rows.append(
            {"node": report.node, "workload": workload, "phase": phase, "boot_id": report.boot_id, "since": since}
        )
    if rows:
        session.execute(insert(PhaseRow), rows)


def of_workloads(session: Session, ids: set[str]) -> dict[tuple[str, str], float]:
    """(node, workload) to since when."""
    rows = session.exec(select(PhaseRow).where(col(PhaseRow.workload).in_(ids)))
    return {(row.node, row.workload): row.since for row in rows}
