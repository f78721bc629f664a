"""How long a silence must last to be one: nodes report at intervals of their own, and say at which. Pure."""

from collections.abc import Collection, Iterable, Mapping

from controlplane.store.nodes import StoredNode
from shared.errors import DocumentError

# One report that comes late is no silence.
INTERVALS = 2


def report_intervals(nodes: Iterable[StoredNode], selectors: Collection[Mapping[str, str]] = ({},)) -> dict[str, float]:
    """In seconds, of those that carry every label of any selector. An agent of an earlier version does not say it."""
    return {
        one.name: one.facts.report_interval_s
        for one in nodes
        if one.facts.report_interval_s and any(wanted.items() <= one.labels.items() for wanted in selectors)
    }


def hurry(stale_after_s: float, intervals: Mapping[str, float]) -> str:
    """Why nodes that are well would be taken for silent; empty where they would not."""
    hasty = {name: interval for name, interval in intervals.items() if stale_after_s < INTERVALS * interval}
    if not hasty:
        return ""
    slowest = max(sorted(hasty), key=hasty.__getitem__)
    return (
        f"{stale_after_s:g} s, but node {slowest} reports every {hasty[slowest]:g} s and would be taken for silent "
        f"while it is well: at least {INTERVALS * hasty[slowest]:g}, or lower its --report-interval-s"
    )


def require_patience(stale_after_s: float, intervals: Mapping[str, float]) -> None:
    """Raises DocumentError."""
    if reason := hurry(stale_after_s, intervals):
        raise DocumentError(reason, field="stale_after_s")
