"""What a person sees while something takes its time: on stderr, never in a document."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from fogline.output import console
from shared.client import Progress as Report


@contextmanager
def bars() -> Iterator[Report]:
    """A bar for each file on its way, on a terminal."""
    if not sys.stderr.isatty():
        yield _unseen
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console(stderr=True)) as progress:
        tasks: dict[str, TaskID] = {}

        def report(name: str, arrived: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=arrived)

        yield report


@contextmanager
def counting(name: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar that is told how many of `total` are done, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True)) as progress:
        task = progress.add_task(name, total=total)
        yield lambda done: progress.update(task, completed=done)


def waiting(text: str) -> AbstractContextManager[object]:
    """A line that moves until the block ends, on a terminal."""
    return console(stderr=True).status(text) if sys.stderr.isatty() else nullcontext()


@contextmanager
def telling(first: str) -> Iterator[Callable[[str], None]]:
    """What is being done now: on a terminal a line that moves, in the log of a long run a line each."""
    said = console(stderr=True)
    if sys.stderr.isatty():
        with said.status(first) as status:
            yield status.update
    else:
        yield lambda text: said.print(text)


def _unseen(name: str, arrived: int, total: int) -> None:
    pass
