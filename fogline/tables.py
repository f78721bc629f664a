"""Documents to tables a person can read. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from shared.documents import (
    Cluster,
    Deployment,
    DeploymentPlan,
    DeploymentStatus,
    DeploymentView,
    ModelVersion,
    NodeView,
    Unplaced,
    WorkloadView,
)

COLOURS = {
    "running": "green",
    "ready": "green",
    "starting": "yellow",
    "draining": "yellow",
    "enrolled": "yellow",
    "stale": "red",
    "failed": "red",
    "not ready": "red",
}


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> RenderableType:
    """`empty` says what to do when there are no rows."""
    rows = list(rows)
    if not rows:
        return Text(empty, style="dim")
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in row))
    return made


def nodes(views: Iterable[NodeView]) -> RenderableType:
    return table(
        ("node", "state", "labels", "last seen", "generation", "workloads", "backends"),
        (
            (
                view.name,
                view.state.value,
                labels(view.labels),
                view.last_seen or "never",
                generation(view),
                str(len(view.workloads)),
                ", ".join(view.facts.backends) or "-",
            )
            for view in views
        ),
        empty="No nodes yet: `fogline tokens create` lets one in.",
    )


def node(view: NodeView) -> RenderableType:
    facts = view.facts
    pairs = {
        "node": view.name,
        "state": view.state.value,
        "labels": labels(view.labels),
        "last seen": view.last_seen or "never",
        "generation": generation(view),
        "machine": f"{facts.cores} cores, {size(facts.memory_bytes)}, {facts.architecture or '-'}",
        "backends": ", ".join(facts.backends) or "-",
        "agent": facts.agent_version or "-",
    }
    running = table(
        ("workload", "phase", "versions", "threshold", "uplink", "since", "reason"),
        (
            (
                one.id,
                one.phase.value,
                ", ".join(one.versions) or "-",
                number(one.threshold),
                one.uplink,
                one.since or "-",
                one.reason,
            )
            for one in view.workloads
        ),
        empty="Nothing runs here.",
    )
    return Group(card(pairs), running)


def generation(view: NodeView) -> str:
    if view.needs_confirmation:
        return f"{view.generation}, node has seen {view.highest_generation}: `fogline nodes confirm {view.name}`"
    if view.observed_generation == view.generation:
        return str(view.generation)
    return f"{view.observed_generation} of {view.generation}"


def models(versions: Iterable[ModelVersion]) -> RenderableType:
    return table(
        ("model", "version", "tiers", "artifacts", "created", "description"),
        (
            (
                one.manifest.name,
                str(one.version),
                " > ".join(sub_model.tier for sub_model in one.manifest.sub_models),
                size(sum(a.size_bytes for sub_model in one.manifest.sub_models for a in sub_model.artifacts)),
                one.created_at,
                one.manifest.description or "-",
            )
            for one in versions
        ),
        empty="No models yet: `fogline models register FOLDER`.",
    )


def model(version: ModelVersion) -> RenderableType:
    manifest = version.manifest
    pairs = {
        "model": f"{manifest.name}/{version.version}",
        "task": manifest.task.value,
        "created": version.created_at,
        "labels": ", ".join(manifest.labels) or "-",
        "metrics": ", ".join(f"{name} {value:g}" for name, value in manifest.metrics.items()) or "-",
    }
    rows = (
        (sub_model.tier, artifact.format.value, artifact.precision.value, size(artifact.size_bytes), artifact.sha256)
        for sub_model in manifest.sub_models
        for artifact in sub_model.artifacts
    )
    return Group(card(pairs), table(("tier", "format", "precision", "size", "sha256"), rows, empty="No artifacts."))


def clusters(documents: Iterable[Cluster]) -> RenderableType:
    return table(
        ("cluster", "bootstrap servers", "security", "topics may be made", "replication"),
        (
            (
                one.name,
                ", ".join(one.bootstrap_servers),
                one.security_protocol.value,
                "yes" if one.topics.create else "no",
                str(one.topics.replication_factor),
            )
            for one in documents
        ),
        empty="No clusters yet: `fogline clusters put FILE`.",
    )


def deployments(views: Iterable[DeploymentView]) -> RenderableType:
    return table(
        ("deployment", "model", "tiers and thresholds", "delivery", "updated"),
        (
            (
                view.deployment.name,
                f"{view.deployment.model}/{view.deployment.version}",
                thresholds(view.deployment),
                view.deployment.delivery.value,
                view.updated_at,
            )
            for view in views
        ),
        empty="No deployments yet: `fogline deployments put FILE`.",
    )


def thresholds(deployment: Deployment) -> str:
    return " > ".join(
        f"{tier.tier} {number(tier.exit.threshold)}" if tier.exit else tier.tier for tier in deployment.tiers
    )


def status(document: DeploymentStatus) -> RenderableType:
    head = Text(f"{document.name}/{document.version} is ")
    word = "ready" if document.ready else "not ready"
    return Group(head.append(word, style=COLOURS[word]), workloads(document.workloads), *unplaced(document.unplaced))


def readiness(documents: Iterable[DeploymentStatus]) -> RenderableType:
    return table(
        ("deployment", "state", "workloads", "thresholds"),
        (
            (
                f"{one.name}/{one.version}",
                "ready" if one.ready else "not ready",
                str(len(one.workloads)),
                ", ".join(f"{view.tier} {number(view.threshold)}" for view in one.workloads if view.threshold) or "-",
            )
            for one in documents
        ),
        empty="No deployments yet: `fogline deployments put FILE`.",
    )


def plan(document: DeploymentPlan) -> RenderableType:
    change = "This would change:" if document.changed else "This would change nothing."
    return Group(Text(change), workloads(document.placements), *unplaced(document.unplaced))


def workloads(views: Iterable[WorkloadView]) -> RenderableType:
    return table(
        ("tier", "node", "phase", "applied", "versions", "threshold", "last seen", "reason"),
        (
            (
                view.tier,
                view.node,
                view.phase,
                "yes" if view.applied else "no",
                ", ".join(view.versions) or "-",
                number(view.threshold),
                view.last_seen or "-",
                view.reason,
            )
            for view in views
        ),
        empty="It runs nowhere.",
    )


def unplaced(shares: Iterable[Unplaced]) -> list[RenderableType]:
    return [Text(f"{one.tier} lacks {one.missing}: {one.reason}", style="red") for one in shares]


def card(pairs: Mapping[str, str]) -> RenderableType:
    made = Table.grid(padding=(0, 2))
    for name, value in pairs.items():
        made.add_row(Text(name, style="dim"), Text(value, style=COLOURS.get(value, "")))
    return made


def labels(values: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(values.items())) or "-"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def size(count: int) -> str:
    """Bytes in the greatest unit that leaves a number of at least one."""
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g} {units[0]}"
