"""Where a network is best cut, and what else there is. Pure."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import duration, percent, size, table

if TYPE_CHECKING:
    from agent.training.cutting.outcome import Comparison, Cutting
    from fogline.cuttings import Question

_PARTS = ("tier", "layers above", "up to", "exit", "comes there", "time of one", "expected time")
_CROSSINGS = ("link", "crosses it", "bytes of one", "expected bytes", "expected time")
_OTHERS = ("cutting", "expected time", "bytes", "records/s", "limited by", "against the best")


def comparison(found: "Comparison", question: "Question") -> RenderableType:
    best = found.best
    cuts = f"cut after {', '.join(best.cuts)}" if best.cuts else f"no cut, {best.tiers[0]} runs all of it"
    return Group(
        Text(f"{question.words}: {cuts}"),
        _parts(best),
        *([_crossings(best)] if best.crossings else []),
        Text(_whole(best)),
        *_others("The next best", found.runners_up, found, question),
        *_others("The best with so many tiers", found.by_tiers_used, found, question),
    )


def _parts(best: "Cutting") -> RenderableType:
    rows = (
        (
            one.tier,
            one.after or "the input",
            one.until or "the output",
            (one.exit or "-") if one.until else "answers all",
            percent(one.share),
            duration(one.segment_s + one.head_s),
            duration(one.expected_s),
        )
        for one in best.parts
    )
    return table(_PARTS, rows, empty="Nothing runs.")


def _crossings(best: "Cutting") -> RenderableType:
    rows = (
        (one.link, percent(one.share), size(one.record_bytes), size(one.expected_bytes), duration(one.expected_s))
        for one in best.crossings
    )
    return table(_CROSSINGS, rows, empty="Nothing crosses a link.")


def _whole(best: "Cutting") -> str:
    costs = f"A record takes {duration(best.expected_s)} and {size(best.expected_bytes)} on the links"
    if best.records_per_s is None:
        return f"{costs}; no tier or link is ever busy."
    station = "tier" if best.busiest in best.tiers else "link"
    return f"{costs}; beyond {_rate(best)} records/s the {station} {best.busiest} cannot keep up."


def _others(
    title: str, cuttings: "Sequence[Cutting]", found: "Comparison", question: "Question"
) -> list[RenderableType]:
    if not cuttings:
        return []
    best = question.measured(found.best)
    rows = [
        (
            _in_short(one),
            duration(one.expected_s),
            size(one.expected_bytes),
            _rate(one),
            "-" if one.records_per_s is None else one.busiest,
            "the best" if one == found.best else _against(question.measured(one), best),
        )
        for one in cuttings
    ]
    return [Text(f"\n{title}:"), table(_OTHERS, rows, empty="")]


def _in_short(one: "Cutting") -> str:
    return " > ".join(part.tier if part.until is None else f"{part.tier} to {part.until}" for part in one.parts)


def _rate(one: "Cutting") -> str:
    if one.records_per_s is None:
        return "-"
    return f"{one.records_per_s:,.0f}" if one.records_per_s >= 99.5 else f"{one.records_per_s:.3g}"


def _against(measured: float, best: float) -> str:
    return f"{measured / best - 1:+.1%}" if 0 < best < math.inf else "-"
