"""A disk that a test may fill: a file system of its own where this process may mount one, else a limit on files.

Both refuse for real: a file system by ENOSPC and EROFS, a limit on what a process may write by EFBIG.
"""

import errno
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

BALLAST = "ballast"


class SmallDisk(Protocol):
    """`how` says which of the two it is. `prepare` is the `preexec_fn` of a program started while the disk is full."""

    path: Path
    how: str
    prepare: Callable[[], None] | None

    def full(self, *pids: int, leaving: int = 0) -> AbstractContextManager[None]:
        """Only `leaving` bytes are free, for the processes `pids` at least."""
        ...

    def read_only(self) -> AbstractContextManager[Path]:
        """Gives the folder that nobody can write to."""
        ...


@contextmanager
def small_disk(path: Path, *, size: str) -> Iterator[SmallDisk]:
    """Empty, at `path`; `size` as `mount` takes it. Who may not mount gets a `Limited` folder of any size."""
    path.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "fogline-test", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        yield Limited(path)
        return
    try:
        yield Tmpfs(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


class Tmpfs:
    how = "a file system of its own"
    prepare: Callable[[], None] | None = None

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def full(self, *_pids: int, leaving: int = 0) -> Iterator[None]:
        ballast = self.path / BALLAST
        _fill(ballast)
        os.truncate(ballast, ballast.stat().st_size - leaving)
        try:
            yield
        finally:
            ballast.unlink()

    @contextmanager
    def read_only(self) -> Iterator[Path]:
        subprocess.run(["mount", "-o", "remount,ro", str(self.path)], check=True)
        try:
            yield self.path
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(self.path)], check=True)


class Limited:
    """Each file of the processes in question is at most so long; what the test itself writes always fits."""

    how = "a limit on the size of files"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.prepare: Callable[[], None] | None = lambda: _limit(0, 0)

    @contextmanager
    def full(self, *pids: int, leaving: int = 0) -> Iterator[None]:
        for pid in pids:
            _limit(pid, leaving)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    _limit(pid, resource.RLIM_INFINITY)

    @contextmanager
    def read_only(self) -> Iterator[Path]:
        # To root, who may not mount here, a mode means nothing; the kernel's own folder takes no file from anybody.
        if os.geteuid() == 0:
            yield Path("/sys")
            return
        self.path.chmod(0o500)
        try:
            yield self.path
        finally:
            self.path.chmod(0o700)


def _limit(pid: int, size: int) -> None:
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
