"""Kafka's jars in the user's cache: fetched once, verified against the lock before every use.

Hashing all 45 MB takes about 50 ms, so no stamp file stands in for the check. The lock lists the whole class path, so
nothing is resolved at run time: no POM is read and no dependency can move.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from shared.errors import StorageError
from simulations.kafka import lock
from simulations.kafka.errors import DigestError
from simulations.kafka.lock import LockedJar

Progress = Callable[[int, int], None]
"""Called with the number of jars that are there and the number wanted."""

Fetch = Callable[[Iterable[LockedJar], Path], Generator[tuple[LockedJar, Path], None, None]]
"""Brings jars into a directory and yields each as it arrives, with the path it has there. Closed, it writes no more."""


def default_cache(environ: Mapping[str, str] = os.environ) -> Path:
    root = environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "fogline" / "kafka"


def classpath(
    cache: Path, jars: tuple[LockedJar, ...], *, fetch: Fetch, on_progress: Progress | None = None
) -> tuple[Path, ...]:
    """The verified jars in `cache`, fetched first where they are missing.

    Raises `DigestError` for a jar that is not the locked one, `StorageError` when the cache cannot be written, and
    what `fetch` raises.
    """
    directory = cache / lock.kafka_version(jars)
    missing = [jar for jar in jars if not (directory / jar.file_name).exists()]
    if missing:
        _fill(directory, missing, fetch, _Counter(len(jars) - len(missing), len(jars), on_progress))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return tuple(pool.map(lambda jar: verify(directory / jar.file_name, jar), jars))


def verify(path: Path, jar: LockedJar) -> Path:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != jar.sha256:
        raise DigestError(
            f"{path} is not {jar.coordinate}: its SHA-256 is {digest}, the lock says {jar.sha256}; "
            "delete the file and start again to have it fetched anew"
        )
    return path


def _fill(directory: Path, missing: Iterable[LockedJar], fetch: Fetch, count: "_Counter") -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=directory, prefix=".fetching-") as scratch,
            closing(fetch(missing, Path(scratch))) as arriving,
        ):
            for jar, path in arriving:
                verify(path, jar).replace(directory / jar.file_name)
                count.add()
    except OSError as error:
        raise StorageError(
            f"the cache of Kafka's jars cannot be written ({error}): free space, or set XDG_CACHE_HOME"
        ) from error


class _Counter:
    def __init__(self, done: int, wanted: int, on_progress: Progress | None) -> None:
        self._done = done
        self._wanted = wanted
        self._on_progress = on_progress

    def add(self) -> None:
        self._done += 1
        if self._on_progress:
            self._on_progress(self._done, self._wanted)
