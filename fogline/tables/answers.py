"""Answers, counted by tier. Pure."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import milliseconds, percent, table

if TYPE_CHECKING:
    from fogline.answers import Summary


def summary(document: "Summary") -> RenderableType:
    rows = (
        (
            one.tier,
            f"{one.answers:,}",
            percent(one.share),
            f"{one.degraded:,}",
            percent(one.accuracy),
            milliseconds(one.p50_ms),
            milliseconds(one.p99_ms),
        )
        for one in document.tiers
    )
    total = f"{document.answers:,} answers in {document.seconds:.1f} s, {document.records_per_s:,.0f} a second"
    if document.accuracy is not None:
        total += f", {percent(document.accuracy)} right"
    headings = ("tier", "answers", "share", "degraded", "right", "p50", "p99")
    return Group(table(headings, rows, empty="No answers."), Text(total))
