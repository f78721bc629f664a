"""Why there is no way through the tiers, in one line."""

import math

from agent.training.cutting.table import Table
from shared.errors import DocumentError

_NAMED = 3


def impossible(table: Table, busy_limit_s: float) -> DocumentError:
    """The error that names what was not measured or does not fit."""
    starts = {0}
    reasons: list[str] = []
    for index, tier in enumerate(table.tiers):
        reasons = _short_of_the_output(table, index, starts) + reasons
        ends = {run.end for start in starts for run in tier.runs(start)}
        if not ends and not tier.can_be_left_out:
            return _error([f"tier {tier.name!r} must run a part, but {_nothing_to_run(table, index, starts)}"])
        starts = ends | (starts if tier.can_be_left_out else set())
    if table.end in starts and math.isfinite(busy_limit_s):
        return _error([f"each keeps a tier or a link busy for more than {busy_limit_s:g} s a record"])
    return _error(reasons)


def _short_of_the_output(table: Table, index: int, starts: set[int]) -> list[str]:
    """Why this tier cannot run the rest, from wherever records may come to it."""
    spans = [(start, table.end) for start in sorted(starts) if start < table.end]
    return [_obstacle(table, index, *span) for span in spans if table.tiers[index].obstacle(*span)]


def _nothing_to_run(table: Table, index: int, starts: set[int]) -> str:
    spans = [span for start in sorted(starts) for span in table.spans(start)]
    return _listed([_obstacle(table, index, *span) for span in spans]) or "no layer is left for it"


def _obstacle(table: Table, index: int, start: int, end: int) -> str:
    tier = table.tiers[index]
    return f"{table.place(start, end)} on tier {tier.name!r} {tier.obstacle(start, end)}"


def _listed(reasons: list[str]) -> str:
    more = len(reasons) - _NAMED
    return "; ".join(reasons[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _error(reasons: list[str]) -> DocumentError:
    return DocumentError(f"no cutting is possible: {_listed(reasons)}", field="tiers")
