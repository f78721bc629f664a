"""A federation while it goes on, shown as it changes, until it is over."""

from collections.abc import Callable

from msgspec.structs import replace
from rich.console import RenderableType

from fogline import until_ended
from fogline.output import line
from fogline.tables import federations as tables
from fogline.until_ended import Following, Words
from shared.documents.federation_workloads import FederationView

# What fits a terminal together with the models.
_MOST_SITES = 15


def follow(following: Following[FederationView], *, as_json: bool) -> FederationView:
    """On a terminal a table that keeps itself up to date, else a line a change; with `as_json` a document a line, in
    which `history` holds the models since the line before."""
    (ended,) = until_ended.follow(following, live=_live, as_document=_with_new_models() if as_json else None)
    return ended


def _live(views: tuple[FederationView, ...]) -> RenderableType:
    return tables.federation(views[0], most_sites=_MOST_SITES) if views else ""


def _with_new_models() -> Callable[[FederationView], None]:
    """A line with all models again would make a long federation's log grow by the square of its rounds."""
    said = -1

    def say(view: FederationView) -> None:
        nonlocal said
        new = tuple(one for one in view.progress.history if one.round > said)
        said = max((said, *(one.round for one in new)))
        line(replace(view, progress=replace(view.progress, history=new)))

    return say


def _mark(view: FederationView) -> object:
    """What its line says and what an operator should know. Why each site waits changes with every update."""
    refused = tuple((one.node, one.standing and one.standing.refused) for one in view.sites)
    return tables.one_line(view), view.reason, view.progress.ended, view.progress.notices, refused


FEDERATIONS: Words[FederationView] = Words(
    name=lambda view: view.federation.name,
    line=tables.one_line,
    mark=_mark,
    they="federations",
    nothing="it has not begun",
)
