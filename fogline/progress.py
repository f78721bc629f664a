"""What a person sees while something takes its time: on a terminal only, on stderr, never in a document."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from fogline.output import console
from shared.client import Progress as Report


@contextmanager
def bars() -> Iterator[Report]:
    """A bar for each file on its way."""
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


def waiting(text: str) -> AbstractContextManager[object]:
    """A line that moves until the block ends."""
    return console(stderr=True).status(text) if sys.stderr.isatty() else nullcontext()


def _unseen(name: str, arrived: int, total: int) -> None:
    pass
