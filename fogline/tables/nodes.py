"""Nodes, and what runs on them. Pure."""

from collections.abc import Iterable

from rich.console import Group, RenderableType

from fogline.tables.shape import card, labels, number, size, table
from shared.documents import NodeView


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
