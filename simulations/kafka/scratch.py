"""Directories for data that is thrown away.

A process that is killed cannot remove its own. Each is locked by its owner, the kernel drops the lock when the owner
dies, and the next one to make a directory removes those that nobody holds.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.storage import storage_errors

PREFIX = "fogline-kafka-"
# A directory this young may be one whose owner has not locked it yet.
YOUNG_S = 60.0


@contextmanager
def scratch_directory(root: Path | None = None) -> Iterator[Path]:
    root = root or Path(tempfile.gettempdir())
    _remove_orphans(root, now=time.time())
    with storage_errors(root):
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
    lock = _lock(path)
    try:
        yield path
    finally:
        shutil.rmtree(path)
        if lock is not None:
            os.close(lock)


def _remove_orphans(root: Path, *, now: float) -> None:
    for path in root.glob(f"{PREFIX}*"):
        try:
            old = now - path.stat().st_mtime > YOUNG_S
            lock = _lock(path) if old else None
        except OSError:  # somebody else's, or gone meanwhile
            continue
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _lock(path: Path) -> int | None:
    """A descriptor that holds the directory; None when another process does."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
