"""A bar for each file on its way: on a terminal only, on stderr, so that it never stands in a document."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from fogline.output import console
from shared.client import Progress as Report


@contextmanager
def bars() -> Iterator[Report]:
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


def _unseen(name: str, arrived: int, total: int) -> None:
    pass
