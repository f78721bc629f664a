"""One state directory, one agent."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import StorageError
from shared.storage import storage_errors


@contextmanager
def state_lock(directory: Path) -> Iterator[None]:
    """Make the directory where it is missing and hold it; raises StorageError while another agent does.

    The kernel frees the lock with the process, however that ends.
    """
    path = directory / "lock"
    with storage_errors(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, directory)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
        raise StorageError(
            f"{directory} is in use by another agent (process {holder}); give this one a --state-dir of its own"
        ) from error
    with storage_errors(directory):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
