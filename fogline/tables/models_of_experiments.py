"""What a model says, for people. Pure."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from fogline.tables.shape import milliseconds, number, percent, table

if TYPE_CHECKING:
    from simulations.model.plan import Plan
    from simulations.model.summary import CellSummary
    from simulations.validation.verdict import Error, Verdict

_CELLS = ("cell", "records", "lost", "mean", "p50", "p95", "p99", "records/s")
_ERRORS = ("cell", "figure", "real", "model", "error", "95 % interval", "")


def cells(summaries: "Iterable[CellSummary]", notes: Sequence[str]) -> RenderableType:
    rows = [
        (
            one.name or "-",
            f"{one.sent:,.0f}",
            f"{one.lost:,.0f}",
            *(milliseconds(one.latency_ms[name]) for name in ("mean", "p50", "p95", "p99")),
            f"{one.throughput:,.1f}",
        )
        for one in summaries
    ]
    return Group(table(_CELLS, rows, empty="no cells"), *notes)


def verdict(found: "Verdict") -> RenderableType:
    rows = [
        (one.cell_name, one.figure, _in_unit(one.real, one.unit), _in_unit(one.model, one.unit), *_judged(one))
        for one in found.errors
    ]
    if not any(one.is_judged for one in found.errors):
        end = "no cell is below the knee: nothing was judged"
    else:
        end = f"worst error {percent(found.worst)}; must be at most {percent(found.must)}, aim {percent(found.aim)}"
    return Group(table(_ERRORS, rows, empty="no cells"), f"fitted to {found.fitted_to}; predicted the others", end)


def _judged(one: "Error") -> tuple[str, str, str]:
    interval = "-" if one.low is None or one.high is None else f"{one.low:+.1%} to {one.high:+.1%}"
    if not one.is_judged:
        return f"{one.error:+.1%}", interval, "beyond the knee"
    return f"{one.error:+.1%}", interval, "" if one.is_within else "too far"


def _in_unit(value: float, unit: str) -> str:
    return milliseconds(value) if unit == "ms" else f"{value:,.1f} {unit}"


def plan(found: "Plan", *, target_s: float) -> RenderableType:
    rows = [(tier, str(count), str(count)) for tier, count in found.nodes.items()]
    met = "meets" if found.is_met else f"misses ({found.reason})"
    first = found.breaks_first
    lines = [
        f"p99 {milliseconds(1e3 * found.p99_s)} {met} the target of {milliseconds(1e3 * target_s)}",
        f"breaks first: {first.what}, used to {percent(first.share)}, at {number(round(found.grows_to, 2))} "
        "times this load",
    ]
    used = table(("what", "used"), [(one.what, percent(one.share)) for one in found.uses], empty="nothing is used")
    return Group(table(("tier", "nodes", "partitions"), rows, empty="no tiers"), *lines, used)
