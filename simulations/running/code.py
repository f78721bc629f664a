"""Which code was run: a digest of every source file of Fogline's own packages, and the commit they were taken from."""

import subprocess
from collections.abc import Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agent", "controlplane", "shared", "simulations")


def digest() -> str:
    """Of names and bytes, SHA-256, hexadecimal: the same wherever they lie."""
    found = sha256()
    for package in PACKAGES:
        for name, content in _sources(package):
            found.update(f"{package}/{name}\0{len(content)}\0".encode())
            found.update(content)
    return found.hexdigest()


def commit(folder: Path = ROOT) -> str | None:
    """As `git describe` names it, with `-dirty` where files were changed since; None where Fogline is installed from a
    package, or there is no git."""
    if not (folder / ".git").exists():
        return None
    asked = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        found = subprocess.run(asked, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return found.stdout.strip() or None


def _sources(package: str) -> Iterator[tuple[str, bytes]]:
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        for file in sorted(Path(folder).rglob("*.py")):
            yield file.relative_to(folder).as_posix(), file.read_bytes()
