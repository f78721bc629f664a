"""Documents that people write into files: JSON or TOML."""

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from shared.documents import decode, encode
from shared.errors import DocumentError, SettingsError

T = TypeVar("T")
Changed = Callable[[dict[str, Any]], dict[str, Any]]
"""What becomes of a document's fields before they are checked."""


def read_document(file: Path, kind: type[T], *, changed: Changed | None = None) -> T:
    """`-` is stdin. Raises SettingsError for a file that cannot be read, DocumentError naming it for its content."""
    raw = _read(file)
    try:
        found = _as_json(raw) if file.suffix == ".toml" else raw
        if changed is not None:
            found = encode(changed(decode(found, dict[str, Any])))
        return decode(found, kind)
    except DocumentError as error:
        reason = f"in {file}: {error.reason}"
        raise DocumentError(reason, field=error.field) from error


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from error


def _as_json(raw: bytes) -> bytes:
    """One decoder for both, so an error in TOML names its field as one in JSON does."""
    try:
        return encode(tomllib.loads(raw.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DocumentError(f"not TOML: {error}") from error
