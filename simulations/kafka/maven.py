"""The border with jgo: jars by Maven coordinate. Nothing here is imported until a jar is missing."""

import importlib
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from shared.errors import UnavailableError
from simulations.kafka.errors import DownloadError
from simulations.kafka.lock import LockedJar

CONNECTIONS = 8


def fetch(jars: Iterable[LockedJar], directory: Path) -> Generator[tuple[LockedJar, Path], None, None]:
    """Jars as they arrive, from Maven Central or the repositories of the user's jgo settings; not yet verified.

    Raises `DownloadError` when one cannot be had, `UnavailableError` when jgo is not installed.
    """
    context = _context(directory)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        running = {pool.submit(_fetch_one, context, jar): jar for jar in jars}
        try:
            for done in as_completed(running):
                yield running[done], _result(done, running[done])
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch_one(context: Any, jar: LockedJar) -> Path:  # noqa: ANN401 -- jgo ships no usable types
    return Path(context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


def _result(done: "Future[Path]", jar: LockedJar) -> Path:
    try:
        return done.result()
    except (RuntimeError, OSError) as error:  # the exceptions of requests are OSErrors
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DownloadError(
            f"{jar.coordinate} could not be downloaded ({reason}): connect to the network for the first start, "
            "name a mirror in jgo's settings, or use your own cluster with --bootstrap-servers"
        ) from error


def _context(directory: Path) -> Any:  # noqa: ANN401 -- jgo ships no usable types
    try:
        maven, config, constants = map(importlib.import_module, ("jgo.maven", "jgo.config", "jgo.constants"))
    except ImportError as error:
        raise UnavailableError("jgo is not installed: pip install 'fogline[broker]'") from error
    repositories = {**config.GlobalSettings.load().repositories, "central": constants.MAVEN_CENTRAL_URL}
    return maven.MavenContext(repo_cache=directory, remote_repos=repositories)
