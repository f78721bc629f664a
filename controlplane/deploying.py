"""A deployment as it is put: checked, its version pinned, its rollout aimed anew."""

from msgspec.structs import replace
from sqlmodel import Session

from controlplane import checks, rollout
from controlplane.clock import Times
from controlplane.rollout import VersionRef
from controlplane.store import clusters, deployments, events, models
from controlplane.store.deployments import StoredDeployment
from controlplane.store.events import Happened
from shared.documents import Deployment, VersionName, digest
from shared.errors import DocumentError


def put(session: Session, wanted: Deployment, before: StoredDeployment | None, times: Times) -> None:
    """The same again changes nothing. Raises DocumentError that names the field."""
    number = None if wanted.version == "latest" else wanted.version
    model = models.find(session, wanted.model, number)
    if model is None:
        known = models.find(session, wanted.model) is not None
        reason = f"model {wanted.model} has no version {number}" if known else f"no model {wanted.model}"
        raise DocumentError(f"{reason}: register it first", field="version" if known else "model")
    checks.check(wanted, model.manifest, {cluster.name: cluster for cluster in clusters.everyone(session)})
    pinned = replace(wanted, version=model.version)
    if before is not None and digest(pinned) == before.etag:
        return
    ref = VersionRef(model=pinned.model, version=model.version)
    aim = rollout.retarget(before.rollout, ref, times.steady) if before else rollout.begin(ref, times.steady)
    deployments.put(session, pinned, aim, now=times.wall)
    kind = "deployment_changed" if before else "deployment_created"
    events.add(session, [Happened(kind, f"deployment/{pinned.name}", {"version": model.version})], now=times.wall)


def move(session: Session, name: str, version: VersionName, times: Times) -> None:
    """Give a deployment that is there another version, as an operator would; where that cannot be, an event says so."""
    before = deployments.find(session, name)
    try:
        if before is None:
            raise DocumentError("there is no such deployment")
        if before.deployment.model != version.model:
            raise DocumentError(f"it is of model {before.deployment.model}", field="model")
        put(session, replace(before.deployment, version=version.version), before, times)
    except DocumentError as error:
        detail = {"version": f"{version.model}/{version.version}", "reason": str(error)}
        events.add(session, [Happened("deployment_not_moved", f"deployment/{name}", detail)], now=times.wall)
