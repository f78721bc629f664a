"""Which jars make a broker, each by Maven coordinate and SHA-256: the committed file `kafka.lock`.

A line is the digest, two spaces and `group:artifact:version`. `python -m simulations.kafka.relock` writes it anew.
"""

from dataclasses import dataclass
from pathlib import Path

LOCK_FILE = Path(__file__).with_name("kafka.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedJar:
    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinate(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


def parse(text: str) -> tuple[LockedJar, ...]:
    """Raises `ValueError` on a line that is not a digest and a coordinate."""
    return tuple(_parse_line(line) for line in text.splitlines() if line)


def render(jars: tuple[LockedJar, ...]) -> str:
    """The inverse of `parse`, sorted by coordinate so that a new lock differs only where it differs."""
    return "".join(f"{jar.sha256}  {jar.coordinate}\n" for jar in sorted(jars, key=lambda jar: jar.coordinate))


def load(path: Path = LOCK_FILE) -> tuple[LockedJar, ...]:
    return parse(path.read_text(encoding="ascii"))


def kafka_version(jars: tuple[LockedJar, ...]) -> str:
    return next(jar.version for jar in jars if jar.artifact == "kafka-clients")


def _parse_line(line: str) -> LockedJar:
    sha256, coordinate = line.split()
    group, artifact, version = coordinate.split(":")
    if len(bytes.fromhex(sha256)) != 32:
        raise ValueError(f"not a SHA-256: {sha256}")
    return LockedJar(sha256=sha256, group=group, artifact=artifact, version=version)
