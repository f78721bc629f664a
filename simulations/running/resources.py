"""What each program takes of the machine, looked at while a load runs (Linux's /proc)."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from simulations.measurement.clock import now_us
from simulations.measurement.rows import ResourceRow

LOOK_EVERY_S = 0.25
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def watched(pids: Callable[[], Mapping[str, int]], *, cell: int, repetition: int) -> Iterator[list[ResourceRow]]:
    """The rows grow until the block ends. `pids` says who runs now, by name; who has ended is left out."""
    rows: list[ResourceRow] = []
    has_ended = threading.Event()

    def watch() -> None:
        while not has_ended.wait(LOOK_EVERY_S):
            at_us = now_us()
            for name, pid in pids().items():
                if (usage := usage_of(pid)) is not None:
                    cpu_s, rss = usage
                    rows.append(
                        ResourceRow(
                            cell=cell, repetition=repetition, at_us=at_us, program=name, cpu_s=cpu_s, rss_bytes=rss
                        )
                    )

    watching = threading.Thread(target=watch, name="resources", daemon=True)
    watching.start()
    try:
        yield rows
    finally:
        has_ended.set()
        watching.join()


def usage_of(pid: int) -> tuple[float, int] | None:
    """Seconds of processor time so far, and resident bytes. None when there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return None
    return (int(fields[11]) + int(fields[12])) * _TICK_S, pages * _PAGE_BYTES
