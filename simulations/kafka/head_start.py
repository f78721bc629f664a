"""What Java learns in one life of Kafka's programs, and what they leave, kept: they start in a third of the time then.

    python -m simulations.kafka.head_start

A Java of version 25 or newer writes down which classes a program has loaded, and how they were linked, when it ends
(JEP 483, JEP 514). What it finds there later it takes only for the same Java and the same class path; else it starts as
it would have.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shared.errors import FoglineError
from shared.storage import storage_errors
from simulations.kafka import formatted, java
from simulations.kafka.cluster import KafkaCluster
from simulations.kafka.node import Node
from simulations.kafka.runtime import PROGRAMS, Runtime, learnt_by, locate

OLDEST_JAVA = 25
HEAP_MB = 512
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Writes down what Java learns."""

    folder: Path

    def options(self, program: str) -> list[str]:
        """For Java."""
        return [f"-XX:AOTCacheOutput={self.folder / program}"]

    @property
    def formatted(self) -> None:
        """Kafka does it, or nothing would be learnt."""


def learn(runtime: Runtime, kept: Path) -> None:
    """From one formatting and one life of a broker, into `kept`: all of it, or nothing.

    Raises what a `KafkaCluster` does, `FoglineError` where this Java cannot, or did not.
    """
    release = java.version_of(runtime.java.parent.parent)
    if release is None or release < OLDEST_JAVA:
        raise FoglineError(f"{runtime.java} is older than Java {OLDEST_JAVA}, and learns nothing that lasts")
    with storage_errors(kept):
        kept.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(dir=kept, prefix=".learning-")
    with scratch as lessons:
        lesson = Lesson(folder=Path(lessons))
        data = lesson.folder / "cluster"
        with KafkaCluster(data_dir=data, heap_mb=HEAP_MB, head_start=lesson, start_timeout_s=_PATIENCE_S) as cluster:
            # It writes when it ends by itself.
            cluster.stop(1, within_s=_PATIENCE_S)
        for program in PROGRAMS:
            if not (lesson.folder / program).exists():
                raise FoglineError(f"Java wrote nothing down about {program}")
        with storage_errors(kept):
            formatted.keep(Node(node_id=1, directory=data / "node-1"), lesson.folder)
            for name in (*PROGRAMS, *formatted.FILES):
                (lesson.folder / name).replace(kept / name)


def main() -> None:
    try:
        runtime = locate(heap_mb=HEAP_MB)
        kept = learnt_by(runtime.java, runtime.classpath)
        sys.stdout.write("Java learns from one life of a Kafka broker, which takes it half a minute\n")
        learn(runtime, kept)
        sys.stdout.write(f"brokers start from that now: {kept}\n")
    except FoglineError as error:
        sys.stderr.write(f"no head start for Kafka: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
