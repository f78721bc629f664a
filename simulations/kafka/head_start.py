"""What Java learns in one life of Kafka's programs, kept: they start in a third of the time from then on.

    python -m simulations.kafka.head_start

A Java of version 25 or newer writes down which classes a program has loaded, and how they were linked, when it ends
(JEP 483, JEP 514). What it finds there later it takes only for the same Java and the same class path; else it starts as
it would have.
"""

import asyncio
import random
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from shared.errors import FoglineError
from shared.storage import storage_errors
from simulations.kafka import java, ports, readiness, storage
from simulations.kafka.child import Child
from simulations.kafka.config import ClusterConfig
from simulations.kafka.runtime import PROGRAMS, Runtime, learnt_by, locate

OLDEST_JAVA = 25
_PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Writes down what Java learns."""

    folder: Path

    def options(self, program: str) -> list[str]:
        """For Java."""
        return [f"-XX:AOTCacheOutput={self.folder / program}"]


def learn(runtime: Runtime, kept: Path) -> None:
    """From one formatting and one life of a broker, into `kept`.

    Raises what a `KafkaCluster` does, `FoglineError` where this Java cannot, or did not.
    """
    release = java.version_of(runtime.java.parent.parent)
    if release is None or release < OLDEST_JAVA:
        raise FoglineError(f"{runtime.java} is older than Java {OLDEST_JAVA}, and learns nothing that lasts")
    with _beside(kept) as scratch:
        lessons = scratch / "lessons"
        lessons.mkdir()
        _live(replace(runtime, head_start=Lesson(folder=lessons)), scratch / "cluster")
        for program in PROGRAMS:
            if not (lessons / program).exists():
                raise FoglineError(f"Java wrote nothing down about {program}")
        with storage_errors(kept):
            for program in PROGRAMS:
                (lessons / program).replace(kept / program)


def _live(runtime: Runtime, directory: Path) -> None:
    config = ClusterConfig(ports=ports.choose(1, None, random.SystemRandom()))
    (node,) = storage.prepare(directory, config, runtime, timeout_s=_PATIENCE_S)
    broker = Child(runtime.broker_command(node), node=node)

    def require_alive() -> None:
        if (code := broker.exit_code) is not None:
            raise node.death(f"ended with code {code}")

    async def until_ready() -> None:
        async with asyncio.timeout(_PATIENCE_S):
            await readiness.until_cluster_ready(
                config.bootstrap_servers, node.cluster_id, config.node_ids, require_alive
            )

    try:
        asyncio.run(until_ready())
        # It writes when it ends by itself.
        broker.end(signal.SIGTERM)
        if not broker.has_ended(within_s=_PATIENCE_S):
            raise node.failure(f"the broker did not end within {_PATIENCE_S:.0f} s")
    finally:
        if broker.exit_code is None:
            broker.end(signal.SIGKILL)
            broker.has_ended()


@contextmanager
def _beside(kept: Path) -> Iterator[Path]:
    """On the same disk, so that what is learnt is there whole or not at all."""
    with storage_errors(kept):
        kept.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(dir=kept, prefix=".learning-")
    with scratch as folder:
        yield Path(folder)


def main() -> None:
    try:
        runtime = locate(heap_mb=512)
        learn(runtime, learnt_by(runtime.java, runtime.classpath))
    except FoglineError as error:
        sys.stderr.write(f"no head start for Kafka: {error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
