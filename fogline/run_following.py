"""Runs while they go on, shown as they change, until all have ended."""

from rich.console import RenderableType

from fogline import tables, until_ended
from fogline.output import line
from fogline.tables.runs import one_line
from fogline.until_ended import Following, Words
from shared.documents import RunView

Views = tuple[RunView, ...]


def follow(following: Following[RunView], *, as_json: bool) -> Views:
    """On a terminal a table that keeps itself up to date, else a line a change; with `as_json` a document a line."""
    return until_ended.follow(following, live=_live, as_document=line if as_json else None)


def _live(views: Views) -> RenderableType:
    if not views:
        return "waiting for a stream to be announced"
    return tables.run(views[0]) if len(views) == 1 else tables.runs(views)


def _mark(view: RunView) -> object:
    progress = view.progress
    return view.state, view.attempt, progress and (progress.stage, progress.epoch), len(view.versions)


RUNS: Words[RunView] = Words(
    name=lambda view: view.id, line=one_line, mark=_mark, they="runs", nothing="no stream was announced"
)
