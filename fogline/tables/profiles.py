"""Profiles: what is timed where, and what is missing. Pure."""

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import card, duration, labels, size, table
from shared.documents.profile import ProfileView, SegmentTime, TierProgress, TierTimes


def profile(view: ProfileView) -> RenderableType:
    pairs = {
        "profile": view.profiling.name,
        "run": str(view.profiling.run),
        "state": view.state.value,
        "reason": view.reason,
        "deadline": view.deadline or "",
    }
    return Group(card({name: value for name, value in pairs.items() if value}), Text(), _tiers(view), _segments(view))


def _tiers(view: ProfileView) -> RenderableType:
    selectors = {one.tier: labels(one.selector) for one in view.profiling.tiers}
    return table(
        ("tier", "on nodes with", "node", "backend", "records", "link above", "missing"),
        (_row(one, selectors[one.tier]) for one in view.tiers),
        empty="",
    )


def _row(one: TierProgress, selector: str) -> tuple[str, ...]:
    if one.times is None:
        return one.tier, selector, one.node or "-", "-", "-", "-", one.reason or "times"
    return one.tier, selector, one.node or "-", one.times.backend, str(one.times.records), _link(one.times), ""


def _link(times: TierTimes) -> str:
    return "-" if times.link is None else f"{size(times.link.bytes_per_s)}/s + {duration(times.link.fixed_s)}"


def _segments(view: ProfileView) -> RenderableType:
    """One row for each, a column for each tier that has its times."""
    timed = [one.times for one in view.tiers if one.times is not None]
    if not timed:
        return Text()
    by_tier = [{_place(one): one.time_s for one in times.times} for times in timed]
    rows = (
        (*_names(one), *(duration(times[_place(one)]) if _place(one) in times else "-" for times in by_tier))
        for one in timed[0].times
    )
    return table(("layers above", "up to", "head", *(one.tier for one in timed)), rows, empty="")


def _place(one: SegmentTime) -> tuple[str | None, str | None, str | None]:
    return one.after, one.until, one.head


def _names(one: SegmentTime) -> tuple[str, str, str]:
    return one.after or "the input", one.until or "the output", f"adds {one.head}" if one.head else "-"
