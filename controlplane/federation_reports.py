"""What the node that coordinates tells of a federation: how far it is, and in the end what it came to."""

from http import HTTPStatus

from sqlmodel import Session

from controlplane import federation_events
from controlplane.clock import Times, timestamp
from controlplane.federation_demands import owner
from controlplane.federations import Federated, handed_in, reported
from controlplane.problems import RefusedError
from controlplane.results import WEIGHTS
from controlplane.store import events, federations, models, placements
from controlplane.store.events import Happened
from controlplane.uploads import Uploads
from shared.documents import Lineage, ModelManifest, VersionName, digest
from shared.documents.federation_workloads import COORDINATOR, FederationOutcome, FederationReport
from shared.errors import DocumentError


def take(session: Session, uploads: Uploads, said: FederationReport, *, node: str, times: Times) -> None:
    """The same again changes nothing. Raises RefusedError 409 for a report of whoever does not coordinate this edition,
    DocumentError for an outcome that does not fit, or whose files are not here."""
    before = federations.find(session, said.federation)
    if before is None or before.edition != said.edition:
        raise _not_coordinating(said, node)
    if before.is_over:
        _check_again(before, said, node)
        return
    lying = placements.of_owner(session, owner(before.name, before.edition))
    if (COORDINATOR, node) not in {(one.part, one.node) for one in lying}:
        raise _not_coordinating(said, node)
    after = reported(before, said.progress, now=times.steady)
    happened = federation_events.refused(before.name, federations.progress(session, before.name), said.progress)
    if said.outcome is not None:
        after = handed_in(after, said.outcome, _taken(session, uploads, after, said.outcome, times), wall=times.wall)
    federations.note_progress(session, before.name, said.progress)
    if after != before:
        federations.save(session, after)
    events.add(session, [*happened, *federation_events.told(before, after)], now=times.wall)


def _check_again(before: Federated, said: FederationReport, node: str) -> None:
    """What is sent a second time was not acknowledged the first."""
    is_known = said.outcome is not None and digest(said.outcome) == before.outcome
    if not is_known or before.coordinator != node:
        raise _not_coordinating(said, node)


def _not_coordinating(said: FederationReport, node: str) -> RefusedError:
    what = f"edition {said.edition} of federation {said.federation}"
    return RefusedError(HTTPStatus.CONFLICT, f"node {node} does not coordinate {what}", field="edition")


def _taken(
    session: Session, uploads: Uploads, one: Federated, outcome: FederationOutcome, times: Times
) -> VersionName | None:
    """The version that is made of it; None where it has none."""
    for index, file in enumerate(outcome.files):
        uploads.require(file.sha256, file.size_bytes, f"outcome.files[{index}]")
    if outcome.manifest is None:
        return None
    if outcome.lineage is None:
        raise DocumentError("a version needs it: where does it come from?", field="outcome.lineage")
    _check(one, outcome.manifest, outcome.lineage)
    uploads.require_all(outcome.manifest, "outcome.manifest.")
    weights = next((file for file in outcome.files if file.name == WEIGHTS), None)
    created_at = timestamp(times.wall)
    model = models.publish(session, outcome.manifest, outcome.lineage, weights, created_at=created_at)
    detail = {"version": model.version, "federation": one.name}
    events.add(session, [Happened("model_registered", f"model/{outcome.manifest.name}", detail)], now=times.wall)
    return VersionName(model=outcome.manifest.name, version=model.version)


def _check(one: Federated, manifest: ModelManifest, lineage: Lineage) -> None:
    made_by = lineage.federation
    for field, given, wanted in (
        ("manifest.name", manifest.name, one.network.name),
        ("lineage.network", lineage.network, one.network.name),
        ("lineage.federation.name", made_by and made_by.name, one.name),
        ("lineage.federation.edition", made_by and made_by.edition, one.edition),
    ):
        if given != wanted:
            raise DocumentError(f"{given!r}, but federation {one.name} has {wanted!r}", field=f"outcome.{field}")
