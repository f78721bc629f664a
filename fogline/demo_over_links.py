"""`fogline demo --links`: what it starts, and what a person sees meanwhile."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from fogline.output import Page
from simulations.demo.over_links import picture, story
from simulations.demo.over_links.verdict import verdict
from simulations.demo.over_links.watching import Seen
from simulations.demo.over_links.ways import Way

RECORDS = 2000
RATE = 100.0
LINE_EVERY_S = 4.0


def play(console: Console, preset: str, records: int | None, rate: float | None, *, quiet: bool) -> Page:
    """`quiet`: no lines where there is no terminal. Raises SettingsError for a preset that is not there."""
    both = story.ways(preset, records=RECORDS if records is None else records, rate=RATE if rate is None else rate)
    screen = Screen(console, both, quiet=quiet)
    with tempfile.TemporaryDirectory(prefix="fogline-demo-") as directory, screen.shown():
        found = story.play(both, Path(directory), say=screen.say, show=screen.show, on_progress=screen.fetched)
    titles = (both[0].title, both[1].title)
    document = {"comparison": found, "verdict": verdict(found)}
    return Page(document=document, view=lambda: picture.side_by_side(found, titles))


class Screen:
    """A live picture on a terminal, lines elsewhere."""

    def __init__(self, console: Console, ways: tuple[Way, Way], *, quiet: bool) -> None:
        self._console, self._ways, self._quiet = console, ways, quiet
        self._note = "starting"
        self._seen: dict[str, Seen] = {}
        self._next_line_s = 0.0

    @contextmanager
    def shown(self) -> Iterator[None]:
        if not self._console.is_terminal:
            yield
            return
        with Live(console=self._console, get_renderable=self._picture, refresh_per_second=4, transient=True):
            yield

    def say(self, text: str) -> None:
        self._note = text
        self._line(text)

    def show(self, title: str, seen: Seen) -> None:
        """Called from another thread."""
        self._seen[title] = seen
        self._note = f"{title}: {seen.sent:,} of {seen.wanted:,} images sent, warm-up included; Ctrl-C stops everything"
        if seen.sent and time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + LINE_EVERY_S
            self._line(picture.line(title, seen))

    def fetched(self, done: int, wanted: int) -> None:
        self._note = f"fetching Kafka: {done} of {wanted} files"

    def _picture(self) -> RenderableType:
        return picture.live(self._ways, self._seen, self._note)

    def _line(self, text: str) -> None:
        if not self._console.is_terminal and not self._quiet:
            self._console.print(text)
            sys.stdout.flush()
