"""Answers as they arrive: a line each, or counted by tier in a table that keeps itself up to date."""

import asyncio
import sys
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial

from rich.console import RenderableType
from rich.live import Live

from fogline import tables
from fogline.answers import Summary, Tallies
from fogline.following import Batch, follow
from fogline.output import Page, console
from shared.documents import Cluster
from shared.record.prediction import Prediction, decode_prediction

REFRESH_PER_S = 4


@dataclass(slots=True, kw_only=True)
class Watch:
    """What has been seen so far, and how it is shown."""

    tiers: Sequence[str]
    labels: Sequence[int | str]
    limit: int | None
    as_json: bool
    each: bool
    clock: Callable[[], float] = time.monotonic
    seen: int = 0
    first_s: float = 0.0
    last_s: float = 0.0
    tallies: Tallies = field(init=False)

    def __post_init__(self) -> None:
        self.tallies = Tallies(self.tiers, self.labels)

    def take(self, values: Batch) -> bool:
        """Whether to go on."""
        self.last_s = self.clock()
        if not self.seen:
            self.first_s = self.last_s
        for value in values:
            self._take(value)
            if self.seen == self.limit:
                break
        if self.each:
            sys.stdout.flush()
        return self.seen != self.limit

    def summary(self) -> Summary:
        return self.tallies.summary(seconds=self.last_s - self.first_s)

    def view(self) -> RenderableType:
        return tables.summary(self.summary())

    def _take(self, value: bytes) -> None:
        self.seen += 1
        prediction = decode_prediction(value)
        self.tallies.add(prediction)
        if self.each:
            sys.stdout.write((value.decode() if self.as_json else one_line(prediction)) + "\n")


def follow_answers(
    watch: Watch, places: Collection[tuple[Cluster, str]], *, from_start: bool, seconds: float | None
) -> Page | None:
    """The summary if one was asked for, even when Ctrl-C ended it."""
    live: AbstractContextManager[object] = nullcontext()
    if not watch.each and not watch.as_json and sys.stdout.isatty():
        live = Live(get_renderable=watch.view, console=console(), refresh_per_second=REFRESH_PER_S, transient=True)
    interrupted = False
    with live:
        try:
            asyncio.run(
                follow(places, take=watch.take, ready=partial(_say, places), from_start=from_start, seconds=seconds)
            )
        except KeyboardInterrupt:
            if watch.each:
                raise
            interrupted = True
    if watch.each:
        return None
    summary = watch.summary()
    return Page(document=summary, view=lambda: tables.summary(summary), exit_code=130 if interrupted else 0)


def _say(places: Collection[tuple[Cluster, str]]) -> None:
    """On stderr, where it stands in nobody's way."""
    names = ", ".join(f"{topic} on {cluster.name}" for cluster, topic in places)
    sys.stderr.write(f"watching {names}\n")
    sys.stderr.flush()


def one_line(prediction: Prediction) -> str:
    """`tier  what  how sure  how soon  where`."""
    what = prediction.label if prediction.label is not None else prediction.class_
    said = str(what) if what is not None else " ".join(f"{one:.4g}" for one in _numbers(prediction.values))
    sure = "" if prediction.confidence is None else f"{prediction.confidence:.0%}"
    mark = "  degraded" if prediction.degraded else ""
    where = f"{prediction.node}  {prediction.model}/{prediction.version}"
    return f"{prediction.tier:<8} {said:<16} {sure:>5} {prediction.latency_ms:>9.1f} ms  {where}{mark}"


def _numbers(values: Sequence[object]) -> list[float]:
    return [one for one in values if isinstance(one, int | float)]
