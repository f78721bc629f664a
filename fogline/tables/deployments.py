"""Deployments: what is wanted, and where it runs. Pure."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import COLOURS, number, table
from shared.documents import Deployment, DeploymentPlan, DeploymentStatus, DeploymentView, Unplaced, WorkloadView


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
    head = f"{document.name}/{document.version} would {'change' if document.changed else 'stay as it is'}:"
    return Group(Text(head), workloads(document.placements), *unplaced(document.unplaced))


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
