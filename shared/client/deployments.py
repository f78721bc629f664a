"""What operators want: put it, see what it would do, and wait until it runs."""

import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from shared.client.answers import document, items, nothing
from shared.client.errors import DeadlineExceededError
from shared.client.flow import Call, Flow, Pause, Steps
from shared.client.operation import Group, M, operation
from shared.client.paths import path
from shared.documents import (
    Deployment,
    DeploymentPlan,
    DeploymentStatus,
    DeploymentView,
    ExitPolicy,
    TierSpec,
    encode_given,
)
from shared.errors import SettingsError

LOOK_EVERY_S = 0.2


class Deployments(Group[M]):
    @operation
    def put(self, deployment: Deployment, *, if_match: str | None = None) -> Flow[DeploymentView]:
        """Store it; the same again changes nothing. With `if_match`, only if its `etag` still is that one (412)."""
        return _put(deployment, if_match=if_match)

    @operation
    def plan(self, deployment: Deployment) -> Flow[DeploymentPlan]:
        """What `put` would do, without doing it."""
        return Call(
            method="PUT",
            path=path("deployments", deployment.name),
            query={"dry_run": "true"},
            content=encode_given(deployment),
            read=document(DeploymentPlan),
        )

    @operation
    def list(self) -> Flow[tuple[DeploymentView, ...]]:
        return Call(method="GET", path=path("deployments"), read=items(DeploymentView))

    @operation
    def get(self, name: str) -> Flow[DeploymentView]:
        return _get(name)

    @operation
    def delete(self, name: str) -> Flow[None]:
        """Its workloads are drained and removed from their nodes; its topics stay."""
        return Call(method="DELETE", path=path("deployments", name), read=nothing)

    @operation
    def status(self, name: str) -> Flow[DeploymentStatus]:
        return status_of(name)

    @operation
    def set_threshold(self, name: str, tier: str, threshold: float) -> Flow[DeploymentView]:
        """Change one exit and nothing else; raises ControlPlaneError (412) when somebody changed it meanwhile."""
        return _set_threshold(name, tier, threshold)

    @operation
    def set_exits(self, name: str, policies: Sequence[ExitPolicy | None]) -> Flow[DeploymentView]:
        """Change every early exit and nothing else: one policy for each tier but the last, None where it must never
        answer; raises ControlPlaneError (412) when somebody changed the deployment meanwhile."""
        return _set_exits(name, policies)

    @operation
    def wait_until_ready(
        self, name: str, *, deadline_s: float = 120.0, clock: Callable[[], float] = time.monotonic
    ) -> Flow[DeploymentStatus]:
        """The first status that is ready; raises DeadlineExceededError with what is missing."""
        return _until_ready(name, deadline_s=deadline_s, clock=clock)


def with_threshold(deployment: Deployment, tier: str, threshold: float) -> Deployment:
    """Raises SettingsError for a tier that is not there, or that is the last one and answers everything."""
    names = [one.tier for one in deployment.tiers]
    if tier not in names:
        raise SettingsError(f"{deployment.name} has no tier {tier!r}, it has {', '.join(names)}")
    if tier == names[-1]:
        raise SettingsError(f"{tier!r} is the last tier of {deployment.name}: it answers everything that reaches it")
    return replace(
        deployment, tiers=tuple(_with_exit(one, threshold) if one.tier == tier else one for one in deployment.tiers)
    )


def with_exits(deployment: Deployment, policies: Sequence[ExitPolicy | None]) -> Deployment:
    """Raises SettingsError for another number of early exits."""
    *early, last = deployment.tiers
    if len(policies) != len(early):
        raise SettingsError(f"{len(policies)} exit policies where {deployment.name} has {len(early)} early exits")
    changed = [replace(tier, exit=policy) for tier, policy in zip(early, policies, strict=True)]
    return replace(deployment, tiers=(*changed, last))


def _with_exit(tier: TierSpec, threshold: float) -> TierSpec:
    return replace(tier, exit=replace(tier.exit or ExitPolicy(), threshold=threshold))


def _put(deployment: Deployment, *, if_match: str | None) -> Call[DeploymentView]:
    return Call(
        method="PUT",
        path=path("deployments", deployment.name),
        content=encode_given(deployment),
        headers={} if if_match is None else {"If-Match": if_match if if_match.startswith('"') else f'"{if_match}"'},
        read=document(DeploymentView),
    )


def _get(name: str) -> Call[DeploymentView]:
    return Call(method="GET", path=path("deployments", name), read=document(DeploymentView))


def _set_threshold(name: str, tier: str, threshold: float) -> Steps[DeploymentView]:
    view = yield from _get(name)
    return (yield from _put(with_threshold(view.deployment, tier, threshold), if_match=view.etag))


def _set_exits(name: str, policies: Sequence[ExitPolicy | None]) -> Steps[DeploymentView]:
    view = yield from _get(name)
    return (yield from _put(with_exits(view.deployment, policies), if_match=view.etag))


def status_of(name: str) -> Call[DeploymentStatus]:
    return Call(method="GET", path=path("deployments", name, "status"), read=document(DeploymentStatus))


def _until_ready(name: str, *, deadline_s: float, clock: Callable[[], float]) -> Steps[DeploymentStatus]:
    deadline = clock() + deadline_s
    while True:
        status = yield from status_of(name)
        if status.ready:
            return status
        if clock() >= deadline:
            raise DeadlineExceededError(f"{name} was not ready within {deadline_s:g} s: {missing(status)}")
        yield from Pause(LOOK_EVERY_S)


def missing(status: DeploymentStatus) -> str:
    """What keeps a deployment from being ready, in one line."""
    unplaced = [f"{one.tier} lacks {one.missing} ({one.reason})" for one in status.unplaced]
    waiting = [
        f"{one.tier} on {one.node} is {one.phase}" + (f" ({one.reason})" if one.reason else "")
        for one in status.workloads
        if one.phase != "running" or not one.applied
    ]
    return "; ".join(unplaced + waiting) or "no workload has reported yet"
