"""Federations: how far they are, who takes part, what their models are worth. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import card, number, percent, size, table
from shared.documents.federation_workloads import (
    FederationState,
    FederationView,
    ModelScore,
    ParticipantStanding,
    SiteView,
)

SHOWN_MODELS = 8
_SHOWN_NOTICES = 5


def federations(views: Iterable[FederationView]) -> RenderableType:
    return table(
        ("federation", "network", "strategy", "state", "model", "sites", "latest", "coordinator", "version"),
        (
            (
                view.federation.name,
                view.federation.network,
                view.federation.strategy.name,
                view.state.value,
                model(view),
                str(len(view.sites)),
                metrics(latest(view)),
                view.coordinator or "-",
                version(view),
            )
            for view in views
        ),
        empty="No federations yet: `fogline federations put FILE`.",
    )


def federation(
    view: FederationView, *, most_sites: int | None = None, judged: RenderableType | None = None
) -> RenderableType:
    """`judged`: the last model, exit by exit."""
    parts: list[RenderableType] = [card({name: said for name, said in _pairs(view).items() if said})]
    parts.append(participants(view, most=most_sites))
    if view.progress.history:
        parts.append(models(view.progress.history[-SHOWN_MODELS:]))
    if judged is not None:
        parts.append(judged)
    return Group(*parts, *(Text(f"note: {notice}") for notice in view.progress.notices[-_SHOWN_NOTICES:]))


def participants(view: FederationView, *, most: int | None = None) -> RenderableType:
    """All of them, or those of which something was heard last."""
    headings = ("site", "phase", "updates", "refused", "records", "base", "staleness", "last update", "reason")
    found = _sites(view)
    shown = found if most is None or len(found) <= most else sorted(found, key=_heard, reverse=True)[:most]
    made = table(headings, map(_site, shown), empty="No site takes part yet: none that is invited has said so.")
    return made if shown is found else Group(made, Text(f"and {len(found) - len(shown)} more sites", style="dim"))


def models(history: Sequence[ModelScore]) -> RenderableType:
    """The newest last, a column for each metric that any of them has."""
    own = list(dict.fromkeys(name for one in history for name in one.metrics))
    theirs = list(dict.fromkeys(name for one in history for name in one.site_metrics))
    rows = (
        (
            str(one.round),
            _at(one.at),
            str(one.updates),
            staleness(one),
            *(metric(name, one.metrics.get(name)) for name in own),
            *(metric(name, one.site_metrics.get(name)) for name in theirs),
        )
        for one in history
    )
    headings = ("model", "published", "updates", "staleness", *own, *(f"sites' {name}" for name in theirs))
    return table(headings, rows, empty="")


def one_line(view: FederationView) -> str:
    """For a log: what it does, and how good its latest model is."""
    newest = view.progress.history[-1] if view.progress.history else None
    said = [view.federation.name, view.state.value, f"model {model(view)}"]
    said += [under_way(view), phases(view)]
    if newest is not None and newest.staleness:
        said.append(f"staleness {staleness(newest)}")
    said += [metrics(latest(view)) if newest is not None else "", privacy(view), version(view).strip("-"), reason(view)]
    return "  ".join(filter(None, said))


def model(view: FederationView) -> str:
    """Its round, of as many as there may be at most."""
    return f"{view.progress.round}/{view.federation.stop.rounds}" if view.progress.round >= 0 else "-"


def under_way(view: FederationView) -> str:
    """How much of the next model there is; nothing where none follows."""
    if view.progress.round < 0 or view.progress.ended or view.state.is_final:
        return ""
    return f"{view.progress.accepted}/{view.progress.awaited} updates"


def phases(view: FederationView) -> str:
    """How many sites run, and how many do not, while any is to."""
    if view.state.is_final or view.progress.ended:
        return ""
    counted = sorted(Counter(one.phase for one in view.sites).items(), key=lambda one: (-one[1], one[0]))
    return f"sites {', '.join(f'{count} {phase}' for phase, count in counted)}" if counted else ""


def latest(view: FederationView) -> Mapping[str, float]:
    """Of the newest model, what the coordinator found; where it judges none, what the sites said."""
    if not view.progress.history:
        return {}
    newest = view.progress.history[-1]
    return newest.metrics or newest.site_metrics


def metrics(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {metric(name, value)}" for name, value in found.items()) or "-"


def metric(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return percent(value) if name.endswith("/accuracy") else f"{value:.4g}"


def staleness(one: ModelScore) -> str:
    """Of the updates that made it: the least and the most."""
    found = sorted(one.staleness.values())
    if not found:
        return "-"
    return str(found[0]) if found[0] == found[-1] else f"{found[0]} to {found[-1]}"


def privacy(view: FederationView) -> str:
    return "" if view.progress.epsilon is None else f"epsilon {view.progress.epsilon:.3g}"


def reason(view: FederationView) -> str:
    return view.reason or (f"ended: {view.progress.ended}" if view.progress.ended else "")


def version(view: FederationView) -> str:
    return "-" if view.model is None else f"{view.model}/{view.version}"


def _pairs(view: FederationView) -> dict[str, str]:
    wanted = view.federation
    return {
        "federation": f"{wanted.name}, edition {view.edition}",
        "of": f"network {wanted.network}, strategy {wanted.strategy.name}, over cluster {wanted.cluster}",
        "state": view.state.value,
        "reason": reason(view),
        "coordinator": view.coordinator or "",
        "model": model(view) if view.progress.round >= 0 else "",
        "round": under_way(view),
        "privacy": _privacy(view),
        "version": version(view).strip("-"),
        "created": view.created_at,
        "ended": view.ended_at or "",
        "files": ", ".join(f"{one.name} ({size(one.size_bytes)})" for one in view.files),
    }


def _privacy(view: FederationView) -> str:
    asked = view.federation.privacy
    if asked is None:
        return ""
    most = "" if asked.most_epsilon is None else f", at most {number(asked.most_epsilon)}"
    spent = privacy(view) or "no epsilon told yet"
    return f"{spent} at delta {number(asked.delta)}{most}; noise {number(asked.noise)} at the {asked.at.value}"


def _sites(view: FederationView) -> list[SiteView]:
    """Those that are there, and after them those that have left and taken part."""
    there = {one.node for one in view.sites}
    gone = (one for one in view.progress.participants if one.name not in there)
    return [*view.sites, *(SiteView(node=one.name, phase="gone", standing=one) for one in gone)]


def _heard(one: SiteView) -> str:
    return (one.standing.last_at or "") if one.standing else ""


def _at(text: str) -> str:
    """To the second, as everywhere else."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return text


def _site(one: SiteView) -> tuple[str, ...]:
    standing = one.standing or ParticipantStanding(name=one.node)
    refused = f"last update refused: {standing.reason}" if standing.reason else ""
    unread = one.counters.get("refused_announcements", 0)
    announced = f"{unread:.0f} announcements cannot be read" if unread else ""
    return (
        one.node,
        one.phase,
        f"{standing.updates:,}",
        f"{standing.refused:,}",
        f"{standing.records:,}",
        "-" if standing.base < 0 else str(standing.base),
        "-" if standing.base < 0 else str(standing.staleness),
        _at(standing.last_at) if standing.last_at else "-",
        "; ".join(filter(None, (one.reason, refused, announced))),
    )


def is_bad(view: FederationView) -> bool:
    """Whether it ended as nobody wanted."""
    return view.state in (FederationState.FAILED, FederationState.CANCELLED)
