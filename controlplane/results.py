"""What a run hands in: a version with its lineage, and what it left behind."""

from http import HTTPStatus

from sqlmodel import Session

from controlplane import deploying
from controlplane.clock import Times, timestamp
from controlplane.problems import RefusedError
from controlplane.run_changes import with_result
from controlplane.runs import Run
from controlplane.store import events, models, runs
from controlplane.store.events import Happened
from controlplane.uploads import Uploads
from shared.documents import RunResult, RunState, VersionName, digest
from shared.errors import DocumentError

WEIGHTS = "weights.npz"
"""What another run starts from."""


def take(session: Session, uploads: Uploads, run: Run, result: RunResult, *, node: str, times: Times) -> Run:
    """The run as it is then; the same result again changes nothing. Raises RefusedError for the result of another
    attempt, DocumentError for one that does not fit the run or whose artifacts are not here."""
    known = _known(session, run, result)
    _check_attempt(run, result, node, is_known=known is not None)
    _check(uploads, run, result)
    version = known or _publish(session, run, result, times)
    after = with_result(run, result, version, wall=times.wall)
    if after == run:
        return run
    runs.save(session, after)
    if after.state is not run.state:
        detail = {"network": run.network.name, "version": _text(version)}
        events.add(session, [Happened("run_finished", f"run/{run.id}", detail)], now=times.wall)
    return after


def _check_attempt(run: Run, result: RunResult, node: str, *, is_known: bool) -> None:
    """A node that fell silent may come back with what somebody else has begun again."""
    if (run.node, run.attempt) != (node, result.attempt):
        raise RefusedError(
            HTTPStatus.CONFLICT,
            f"node {node} has not attempt {result.attempt} of run {run.id}: it stands at attempt {run.attempt}"
            f" on {run.node or 'no node'}",
            field="attempt",
        )
    if run.state.is_final and not (run.state is RunState.FINISHED and is_known):
        raise RefusedError(HTTPStatus.CONFLICT, f"run {run.id} is {run.state}")


def _check(uploads: Uploads, run: Run, result: RunResult) -> None:
    for field, given, wanted in (
        ("manifest.name", result.manifest.name, run.network.name),
        ("lineage.run", result.lineage.run, run.id),
        ("lineage.request", result.lineage.request, run.request.name),
        ("lineage.network", result.lineage.network, run.network.name),
        ("lineage.stream", result.lineage.stream, run.stream),
    ):
        if given != wanted:
            raise DocumentError(f"{given!r}, but run {run.id} has {wanted!r}", field=field)
    uploads.require_all(result.manifest, "manifest.")
    for index, file in enumerate(result.files):
        uploads.require(file.sha256, file.size_bytes, f"files[{index}]")


def _known(session: Session, run: Run, result: RunResult) -> VersionName | None:
    """The version that this run has made of this manifest."""
    for version in run.versions:
        model = models.find(session, version.model, version.version)
        if model is not None and digest(model.manifest) == digest(result.manifest):
            return version
    return None


def _publish(session: Session, run: Run, result: RunResult, times: Times) -> VersionName:
    weights = next((one for one in result.files if one.name == WEIGHTS), None)
    created_at = timestamp(times.wall)
    model = models.publish(session, result.manifest, result.lineage, weights, created_at=created_at)
    version = VersionName(model=result.manifest.name, version=model.version)
    happened = Happened("model_registered", f"model/{version.model}", {"version": version.version, "run": run.id})
    events.add(session, [happened], now=times.wall)
    if run.request.online.deployment is not None and not result.is_last:
        deploying.move(session, run.request.online.deployment, version, times)
    return version


def _text(version: VersionName) -> str:
    return f"{version.model}/{version.version}"
