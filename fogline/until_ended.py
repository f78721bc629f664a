"""What goes on for a while: asked about again and again, shown as it changes, until all of it has ended."""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from rich.console import RenderableType
from rich.live import Live

from fogline.output import console
from shared.client import Client, DeadlineExceededError
from shared.client.flow import Pause
from shared.errors import ControlPlaneError

LOOK_EVERY_S = 1.0
SAY_EVERY_S = 10.0
# A control plane that is started anew is waited for.
AWAY_S = 120.0

Clock = Callable[[], float]


class Ending(Protocol):
    @property
    def is_final(self) -> bool: ...


class Going(Protocol):
    @property
    def state(self) -> Ending: ...


V = TypeVar("V", bound=Going)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Generic[V]):
    """Of one kind of what goes on: `name` tells one from another, `line` says how it stands, and another `mark` is
    worth a line. `they`, as in "runs"; `nothing`: what is said while there is none.
    """

    name: Callable[[V], object]
    line: Callable[[V], str]
    mark: Callable[[V], object]
    they: str
    nothing: str


@dataclass(slots=True, kw_only=True)
class Following(Generic[V]):
    """`ask` gives what goes on as it is now; `deadline_s` None waits for ever."""

    client: Client
    ask: Callable[[], tuple[V, ...]]
    words: Words[V]
    deadline_s: float | None = None
    every_s: float = LOOK_EVERY_S
    clock: Clock = time.monotonic
    _lost_since: float | None = field(default=None, init=False)

    def until_all_ended(self, show: Callable[[tuple[V, ...]], None]) -> tuple[V, ...]:
        """The last answer, once there is something and all of it is final.

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
                raise DeadlineExceededError(f"not ended within {self.deadline_s:g} s: {self._under_way(views or ())}")
            self.client.run(Pause(self.every_s))

    def _asked(self) -> tuple[V, ...] | None:
        """None while the control plane is away: nothing ends because of that."""
        try:
            views = self.ask()
        except ControlPlaneError as error:
            now = self.clock()
            if not error.retriable or (self._lost_since is not None and now - self._lost_since >= AWAY_S):
                raise
            if self._lost_since is None:
                console(stderr=True).print(f"fogline: {error}; {self.words.they} go on without it, waiting")
                self._lost_since = now
            return None
        self._lost_since = None
        return views

    def _under_way(self, views: Iterable[V]) -> str:
        return "; ".join(self.words.line(one) for one in views if not one.state.is_final) or self.words.nothing


@dataclass(slots=True, kw_only=True)
class Lines(Generic[V]):
    """A line for each that has changed, and for every one now and then; into a log."""

    say: Callable[[V], None]
    words: Words[V]
    clock: Clock = time.monotonic
    _said: dict[object, tuple[object, float]] = field(default_factory=dict, init=False)

    def show(self, views: tuple[V, ...]) -> None:
        for view in views:
            name, mark, now = self.words.name(view), self.words.mark(view), self.clock()
            before, at = self._said.get(name, (None, 0.0))
            if mark != before or (not view.state.is_final and now - at >= SAY_EVERY_S):
                self._said[name] = (mark, now)
                self.say(view)


def follow(
    following: Following[V],
    *,
    live: Callable[[tuple[V, ...]], RenderableType],
    as_document: Callable[[V], None] | None = None,
) -> tuple[V, ...]:
    """On a terminal what `live` shows, kept up to date, else a line a change on stderr; with `as_document` that."""
    words = following.words
    if as_document is not None:
        return following.until_all_ended(Lines(say=as_document, words=words).show)
    if not sys.stdout.isatty():
        said = console(stderr=True)
        return following.until_all_ended(Lines(say=lambda view: said.print(words.line(view)), words=words).show)
    shown: list[tuple[V, ...]] = [()]
    with Live(get_renderable=lambda: live(shown[0]), console=console(), refresh_per_second=4, transient=True):

        def keep(views: tuple[V, ...]) -> None:
            shown[0] = views

        return following.until_all_ended(keep)
