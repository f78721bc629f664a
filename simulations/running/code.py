"""Which code was run: a digest of every source file of Fogline's own packages."""

from collections.abc import Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("agent", "controlplane", "shared", "simulations")


def digest() -> str:
    """Of names and bytes, SHA-256, hexadecimal: the same wherever they lie."""
    found = sha256()
    for package in PACKAGES:
        for name, content in _sources(package):
            found.update(f"{package}/{name}\0{len(content)}\0".encode())
            found.update(content)
    return found.hexdigest()


def _sources(package: str) -> Iterator[tuple[str, bytes]]:
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        for file in sorted(Path(folder).rglob("*.py")):
            yield file.relative_to(folder).as_posix(), file.read_bytes()
