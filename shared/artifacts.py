"""Files named by the SHA-256 of their content, written so that a name never stands for other bytes.

A file in the making is `<digest>.partial`; it keeps what has arrived, so a broken transfer goes on where it stopped.
Finishing it means: flush to disk, read back and verify, rename, flush the folder.
"""

import fcntl
import hashlib
import logging
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.errors import ArtifactError, BusyError, StorageError
from shared.storage import storage_errors

_DIGEST = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)


class ArtifactStore:
    """One folder of artifacts; made when first written to. Not bound to a thread or a process.

    Every method raises ArtifactError for what is no digest, and StorageError when the disk refuses.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, sha256: str) -> Path | None:
        """Where the artifact lies, unread: good enough to send it to somebody who verifies it, not to load it."""
        path = self._place(sha256)
        return path if path.is_file() else None

    def path(self, sha256: str) -> Path | None:
        """Where the artifact lies, read through and verified at every call.

        A damaged file is removed and said to be missing, for the remedy is the same: fetch it again.
        """
        path = self.find(sha256)
        if path is None or self._digest(path) == sha256:
            return path
        _log.warning("artifact %s was damaged on disk and has been removed", path)
        self.remove(sha256)
        return None

    def received_bytes(self, sha256: str) -> int:
        """How much of the artifact is here: all of it, the beginning, or nothing."""
        for path in (self._place(sha256), self._partial(sha256)):
            try:
                return path.stat().st_size
            except FileNotFoundError:
                continue
        return 0

    def open_partial(self, sha256: str, *, max_bytes: int) -> "PartialArtifact":
        """Begin or go on with an artifact. One writer at a time: raises BusyError while there is another."""
        partial, place = self._partial(sha256), self._place(sha256)
        with storage_errors(partial):
            self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            if not _lock(descriptor, partial):
                os.close(descriptor)
                raise BusyError(f"artifact {sha256} is being written already; try again later")
        return PartialArtifact(descriptor, partial, place, max_bytes)

    def remove(self, sha256: str) -> None:
        """Remove the artifact, what has arrived of it, and the notes others keep beside it (`<digest>.<word>`)."""
        with storage_errors(self.root):
            for path in (self._place(sha256), *self.root.glob(f"{sha256}.*")):
                path.unlink(missing_ok=True)

    def digests(self) -> frozenset[str]:
        """The artifacts that are here, whole."""
        with storage_errors(self.root):
            names = (path.name for path in self.root.iterdir()) if self.root.is_dir() else ()
            return frozenset(name for name in names if _DIGEST.fullmatch(name))

    def untouched_since(self, moment: float) -> frozenset[str]:
        """The artifacts, whole or begun, that were last written to before `moment`, in seconds since the epoch."""
        with storage_errors(self.root):
            paths = [*self.root.iterdir()] if self.root.is_dir() else []
            old = (path.name.removesuffix(".partial") for path in paths if path.stat().st_mtime < moment)
            return frozenset(name for name in old if _DIGEST.fullmatch(name))

    def _place(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise ArtifactError(f"{sha256[:80]!r} is no SHA-256 digest: 64 lower-case hexadecimal digits")
        return self.root / sha256

    def _partial(self, sha256: str) -> Path:
        return self._place(sha256).with_suffix(".partial")

    def _digest(self, path: Path) -> str:
        with storage_errors(path), path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


class PartialArtifact:
    """An artifact in the making. Closing it keeps what has arrived; `finish` makes it whole, `discard` gives it up."""

    def __init__(self, descriptor: int, partial: Path, place: Path, max_bytes: int) -> None:
        self._descriptor: int | None = descriptor
        self._partial = partial
        self._place = place
        self._max_bytes = max_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def received_bytes(self) -> int:
        return os.fstat(self._open()).st_size

    def append(self, chunk: bytes | memoryview) -> None:
        """Raises ArtifactError, and discards what has arrived, when it grows beyond its bound."""
        if self.received_bytes + len(chunk) > self._max_bytes:
            self.discard()
            raise ArtifactError(f"artifact {self._place.name} is larger than {self._max_bytes} bytes: refused")
        rest = memoryview(chunk)
        with storage_errors(self._partial):
            while rest:
                rest = rest[os.write(self._open(), rest) :]

    def finish(self) -> Path:
        """Verify and put in place. Raises ArtifactError, and discards what has arrived, when the digest is another."""
        with storage_errors(self._partial):
            os.fsync(self._open())
            with self._partial.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != self._place.name:
                size = self.received_bytes
                self.discard()
                raise ArtifactError(f"artifact {self._place.name} has the digest {found} ({size} bytes): refused")
            self._partial.rename(self._place)
            self.close()
            _flush_folder(self._place.parent)
        return self._place

    def discard(self) -> None:
        with storage_errors(self._partial):
            self._partial.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            raise StorageError(f"{self._partial} is closed")
        return self._descriptor


def _lock(descriptor: int, partial: Path) -> bool:
    """False when another writer has the file, or finished or discarded it after we opened it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), partial.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
