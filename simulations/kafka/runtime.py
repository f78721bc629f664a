"""What every node of a cluster is run with: a Java, the class path, the size of the heap."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from simulations.kafka import distribution, formatted, java, lock, maven
from simulations.kafka.node import Node

FORMATTER = "kafka.tools.StorageTool"
BROKER = "kafka.Kafka"
PROGRAMS = (FORMATTER, BROKER)

LAUNCH_OPTIONS = (
    # A broker for minutes, not months: it starts twice as fast and takes half the memory.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Would leave a file behind in /tmp for each broker that is killed.
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)


class HeadStart(Protocol):
    def options(self, program: str) -> list[str]:
        """For Java; of one of `PROGRAMS`."""

    @property
    def formatted(self) -> Path | None:
        """Where the files of a formatted node are kept, see `formatted`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What Java wrote down before, see `head_start`; nothing where it has not."""

    folder: Path

    def options(self, program: str) -> list[str]:
        path = self.folder / program
        # What it cannot use of that, it does without: nobody has to read about it.
        return [f"-XX:AOTCache={path}", "-Xlog:aot*=error"] if path.exists() else []

    @property
    def formatted(self) -> Path | None:
        return self.folder if all((self.folder / name).exists() for name in formatted.FILES) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    java: Path
    classpath: tuple[Path, ...]
    heap_mb: int
    head_start: HeadStart

    def format_command(self, node: Node, cluster_id: str, *more: str) -> list[str]:
        return [*self._java(node, FORMATTER), FORMATTER, "format", "-t", cluster_id, "-c", str(node.settings), *more]

    def broker_command(self, node: Node) -> list[str]:
        return [*self._java(node, BROKER), BROKER, str(node.settings)]

    def _java(self, node: Node, program: str) -> list[str]:
        return [
            str(self.java),
            f"-Xmx{self.heap_mb}m",
            *LAUNCH_OPTIONS,
            *self.head_start.options(program),
            # Compression libraries unpack themselves there.
            f"-Djava.io.tmpdir={node.directory}",
            "-cp",
            os.pathsep.join(map(str, self.classpath)),
        ]


def locate(
    *,
    heap_mb: int,
    cache: Path | None = None,
    head_start: HeadStart | None = None,
    on_progress: distribution.Progress | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Runtime:
    """Finds Java, and Kafka in the cache or on the network. `head_start`: what was learnt before, if anything was.

    Raises `JavaMissingError`, `DownloadError`, `DigestError`, `StorageError`.
    """
    found = java.find(environ)
    classpath = distribution.classpath(
        cache or distribution.default_cache(environ), lock.load(), fetch=maven.fetch, on_progress=on_progress
    )
    return Runtime(
        java=found,
        classpath=classpath,
        heap_mb=heap_mb,
        head_start=head_start or Learnt(folder=learnt_by(found, classpath)),
    )


def learnt_by(program: Path, classpath: tuple[Path, ...]) -> Path:
    """Where what this Java learns of this class path is kept: an older one does not even know the option."""
    digest = hashlib.sha256(java.release_of(program.parent.parent).encode()).hexdigest()
    return classpath[0].parent / f"head-start-{digest[:12]}"
