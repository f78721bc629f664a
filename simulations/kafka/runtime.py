"""What every node of a cluster is run with: a Java, the class path, the size of the heap."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simulations.kafka import distribution, java, lock, maven
from simulations.kafka.node import Node

FORMATTER = "kafka.tools.StorageTool"
BROKER = "kafka.Kafka"

LAUNCH_OPTIONS = (
    # A broker for minutes, not months: it starts twice as fast and takes half the memory.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Would leave a file behind in /tmp for each broker that is killed.
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    java: Path
    classpath: tuple[Path, ...]
    heap_mb: int

    def format_command(self, node: Node, cluster_id: str, *more: str) -> list[str]:
        return [*self._java(node), FORMATTER, "format", "-t", cluster_id, "-c", str(node.settings), *more]

    def broker_command(self, node: Node) -> list[str]:
        return [*self._java(node), BROKER, str(node.settings)]

    def _java(self, node: Node) -> list[str]:
        return [
            str(self.java),
            f"-Xmx{self.heap_mb}m",
            *LAUNCH_OPTIONS,
            # Compression libraries unpack themselves there.
            f"-Djava.io.tmpdir={node.directory}",
            "-cp",
            os.pathsep.join(map(str, self.classpath)),
        ]


def locate(
    *,
    heap_mb: int,
    cache: Path | None = None,
    on_progress: distribution.Progress | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Runtime:
    """Finds Java, and Kafka in the cache or on the network.

    Raises `JavaMissingError`, `DownloadError`, `DigestError`, `StorageError`.
    """
    return Runtime(
        java=java.find(environ),
        classpath=distribution.classpath(
            cache or distribution.default_cache(environ), lock.load(), fetch=maven.fetch, on_progress=on_progress
        ),
        heap_mb=heap_mb,
    )
