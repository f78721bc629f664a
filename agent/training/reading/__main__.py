"""`python -m agent.training.reading FOLDER`: put an announced stream on the shelf FOLDER, in a process of its own.

Standard input gives a ReadingTask as JSON. On standard output one line of JSON an event (task.py), on standard error
what a person should read. Ends with 0, with the code of the error as in shared/errors.py, or with 143 when it was asked
to leave (SIGTERM, SIGINT, nobody reading its events any more): start it again and it goes on.
"""

import argparse
import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from agent.training.reading import aside
from agent.training.reading.stream import StreamReader
from agent.training.reading.task import Complete, Read, ReadingTask, Waiting, complete, mark_complete
from shared.documents import decode
from shared.errors import FoglineError
from shared.storage import storage_errors
from shared.streams.decoding import stream_decoder

SIGTERM_EXIT = 128 + signal.SIGTERM
SAY_EVERY_S = 1.0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m agent.training.reading", description="Read a stream.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the shelf; made when it is not there")
    folder = parser.parse_args(arguments).folder
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(SIGTERM_EXIT))
    try:
        _read(folder, decode(sys.stdin.buffer.read(), ReadingTask))
    except FoglineError as error:
        sys.stderr.write(f"reading: {error}\n")
        sys.exit(error.exit_code)


def _read(folder: Path, task: ReadingTask) -> None:
    with _alone(folder):
        if complete(folder) is not None:
            return
        reader = StreamReader(
            cluster=task.cluster,
            ranges=task.ranges,
            decoder=stream_decoder(task.input, is_labelled=task.is_labelled),
            most_rejected=task.most_rejected,
            said=_now_and_then(task.offsets, time.monotonic),
        )
        asyncio.run(reader.shelve(folder))
        mark_complete(folder, Complete(offsets=task.offsets, rejected=len(aside.read(folder))))
    _say(Read(done=task.offsets, total=task.offsets))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process of this machine at a time; the kernel frees the lock with the process, however that ends."""
    with storage_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "reading").open("ab")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(Waiting())
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _now_and_then(total: int, clock: Callable[[], float]) -> Callable[[int], None]:
    said_at = clock() - SAY_EVERY_S

    def said(done: int) -> None:
        nonlocal said_at
        if clock() - said_at >= SAY_EVERY_S:
            said_at = clock()
            _say(Read(done=done, total=total))

    return said


def _say(event: Read | Waiting) -> None:
    try:
        sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(SIGTERM_EXIT)


if __name__ == "__main__":
    main()
