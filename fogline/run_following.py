"""Runs while they go on: asked about again and again, shown as they change, until all have ended."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rich.console import RenderableType
from rich.live import Live

from fogline import tables
from fogline.output import console, line
from fogline.tables.runs import one_line
from shared.client import Client, DeadlineExceededError
from shared.client.flow import Pause
from shared.documents import RunView
from shared.errors import ControlPlaneError

LOOK_EVERY_S = 1.0
SAY_EVERY_S = 10.0
# A control plane that is started anew is waited for.
AWAY_S = 120.0

Views = tuple[RunView, ...]
Show = Callable[[Views], None]
Clock = Callable[[], float]


@dataclass(slots=True, kw_only=True)
class Following:
    """`ask` gives the runs as they are now; `deadline_s` None waits for ever."""

    client: Client
    ask: Callable[[], Views]
    deadline_s: float | None = None
    every_s: float = LOOK_EVERY_S
    clock: Clock = time.monotonic
    _lost_since: float | None = field(default=None, init=False)

    def until_all_ended(self, show: Show) -> Views:
        """The last answer, once there are runs and all of them are final.

        Raises DeadlineExceededError, and ControlPlaneError of a control plane that refuses, or is away for too long.
        """
        began = self.clock()
        while True:
            views = self._asked()
            if views is not None:
                show(views)
                if views and all(one.state.is_final for one in views):
                    return views
            if self.deadline_s is not None and self.clock() - began >= self.deadline_s:
                raise DeadlineExceededError(f"not ended within {self.deadline_s:g} s: {_under_way(views or ())}")
            self.client.run(Pause(self.every_s))

    def _asked(self) -> Views | None:
        """None while the control plane is away: a run does not end because of that."""
        try:
            views = self.ask()
        except ControlPlaneError as error:
            now = self.clock()
            if not error.retriable or (self._lost_since is not None and now - self._lost_since >= AWAY_S):
                raise
            if self._lost_since is None:
                console(stderr=True).print(f"fogline: {error}; runs go on without it, waiting")
                self._lost_since = now
            return None
        self._lost_since = None
        return views


@dataclass(slots=True, kw_only=True)
class Lines:
    """A line for each run that changes its stage or epoch, and for every run now and then; into a log."""

    say: Callable[[RunView], None]
    clock: Clock = time.monotonic
    _said: dict[int, tuple[object, float]] = field(default_factory=dict, init=False)

    def show(self, views: Views) -> None:
        for view in views:
            mark, now = _mark(view), self.clock()
            before, at = self._said.get(view.id, (None, 0.0))
            if mark != before or (not view.state.is_final and now - at >= SAY_EVERY_S):
                self._said[view.id] = (mark, now)
                self.say(view)


def follow(following: Following, *, as_json: bool) -> Views:
    """On a terminal a table that keeps itself up to date, else a line a change; with `as_json` a document a line."""
    if as_json:
        return following.until_all_ended(Lines(say=line).show)
    if not sys.stdout.isatty():
        return following.until_all_ended(Lines(say=_print).show)
    shown: list[Views] = [()]
    with Live(get_renderable=lambda: _live(shown[0]), console=console(), refresh_per_second=4, transient=True):

        def keep(views: Views) -> None:
            shown[0] = views

        return following.until_all_ended(keep)


def _live(views: Views) -> RenderableType:
    if not views:
        return "waiting for a stream to be announced"
    return tables.run(views[0]) if len(views) == 1 else tables.runs(views)


def _mark(view: RunView) -> object:
    progress = view.progress
    return view.state, view.attempt, progress and (progress.stage, progress.epoch), len(view.versions)


def _print(view: RunView) -> None:
    console(stderr=True).print(one_line(view))


def _under_way(views: Iterable[RunView]) -> str:
    return "; ".join(one_line(one) for one in views if not one.state.is_final) or "no stream was announced"
