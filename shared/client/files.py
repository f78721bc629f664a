"""The little a client does with files. Foreign errors become StorageError here."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import ArtifactError, StorageError


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}") from error


def size(path: Path) -> int:
    with _translated(path):
        return path.stat().st_size


def size_or_zero(path: Path) -> int:
    return size(path) if path.exists() else 0


def sha256(path: Path) -> str:
    with _translated(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text(path: Path) -> bytes:
    """For documents written by people; an artifact is never read whole."""
    with _translated(path):
        return path.read_bytes()


def read(path: Path, offset: int, length: int) -> bytes:
    with _translated(path), path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def append(path: Path, offset: int, piece: bytes) -> int:
    """Write `piece` at `offset`, which is the end; returns the new end."""
    with _translated(path), path.open("r+b" if offset else "wb") as file:
        file.seek(offset)
        file.write(piece)
        return file.tell()


def accept(part: Path, path: Path, digest: str) -> None:
    """`part` becomes `path` when it is what its digest says; otherwise it is removed."""
    with _translated(path):
        if not part.exists():
            part.touch()
        if (found := sha256(part)) != digest:
            part.unlink()
            raise ArtifactError(f"{path.name} came with SHA-256 {found} instead of {digest}; fetch it again")
        _flush(part)
        part.replace(path)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
