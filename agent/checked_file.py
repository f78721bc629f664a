"""A small file that is either the old one or the new one, never half, and that knows when it was damaged."""

import os
from hashlib import sha256
from pathlib import Path

from shared.errors import StorageError
from shared.storage import storage_errors


class DamagedFileError(StorageError):
    """Its content is not what was written."""


def write(path: Path, content: bytes) -> None:
    """Replace `path` in one step, readable by its owner only; on return it survives a power cut.

    The first line is the SHA-256 of the rest: a disk that lies about what it holds must not choose what a node runs.
    """
    # One fixed name: what a crash leaves behind is overwritten by the next write.
    fresh = path.with_name(path.name + ".new")
    with storage_errors(path):
        try:
            _fill(fresh, sha256(content).hexdigest().encode() + b"\n" + content)
        except OSError:
            # A disk that is full has better use for the room.
            fresh.unlink(missing_ok=True)
            raise
        fresh.replace(path)
        _sync_folder(path.parent)


def read(path: Path) -> bytes | None:
    """What `write` was given, None where nothing was written yet; raises DamagedFileError, StorageError."""
    with storage_errors(path):
        try:
            digest, _, content = path.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
    if digest.decode("ascii", "replace") != sha256(content).hexdigest():
        raise DamagedFileError(f"{path} is damaged: its content does not match its checksum")
    return content


def _fill(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
