"""The border to the disk: what the system says of a file becomes one line with the path and the remedy."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.errors import DiskFullError, StorageError

# EFBIG: a limit on the size of files (`ulimit -f`, systemd's LimitFSIZE=), which is a full disk to who meets it.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def storage_error(path: Path, error: OSError) -> StorageError:
    reason = f"{path}: {error.strerror or error}"
    if error.errno in _FULL:
        return DiskFullError(f"{reason}: free some space there, or name another directory")
    if error.errno in _FORBIDDEN:
        return StorageError(f"{reason}: check its owner and whether its disk is mounted read-only, or name another")
    return StorageError(reason)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Raises StorageError, or DiskFullError, for every OSError inside; it speaks of `path`, whichever file it was."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from error


def replace_file(path: Path, content: bytes) -> None:
    """The old content or the new, never half of it. Raises StorageError."""
    fresh = path.with_name(path.name + ".new")
    with storage_errors(path):
        try:
            fresh.write_bytes(content)
            fresh.replace(path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise


def require_room(path: Path, wanted_bytes: int) -> None:
    """Raises DiskFullError when the disk of `path`, or of where `path` will be made, cannot hold so much more.

    Asked before a large file is begun: one that cannot be finished would take the room of all that is small.
    """
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    with storage_errors(there):
        disk = os.statvfs(there)
    free = disk.f_bavail * disk.f_frsize
    if free < wanted_bytes:
        raise DiskFullError(
            f"{path}: {wanted_bytes / 2**20:.1f} MiB are wanted and {free / 2**20:.1f} MiB are free: "
            "free some space there, or name another directory"
        )
