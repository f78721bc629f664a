"""Writes `kafka.lock` anew: `python -m simulations.kafka.relock [VERSION]`. Resolves, downloads and hashes all jars.

Read the difference before it is committed. A binding of log4j must not be among the coordinates: its bill of
materials silently replaces kafka-clients by an older one, and the broker dies with `NoSuchMethodError`.
"""

import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from simulations.kafka import lock
from simulations.kafka.lock import LockedJar

LOGGER = "org.slf4j:slf4j-simple:1.7.36"


def resolve(version: str, directory: Path) -> tuple[LockedJar, ...]:
    import jgo

    environment = jgo.build(f"org.apache.kafka:kafka_2.13:{version}+{LOGGER}", cache_dir=directory, update=True)
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in environment.all_jars}
    locked = (
        (dependency.groupId, dependency.artifactId, dependency.version)
        for dependency in environment.lockfile.dependencies
    )
    return tuple(
        LockedJar(sha256=digests[f"{artifact}-{version}.jar"], group=group, artifact=artifact, version=version)
        for group, artifact, version in locked
    )


def main(version: str) -> None:
    with TemporaryDirectory(prefix="fogline-relock-") as directory:
        lock.LOCK_FILE.write_text(lock.render(resolve(version, Path(directory))), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else lock.kafka_version(lock.load()))
