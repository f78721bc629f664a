"""Documents that people write into files: JSON or TOML."""

import sys
import tomllib
from pathlib import Path
from typing import TypeVar

from shared.documents import decode, encode
from shared.errors import DocumentError, SettingsError

T = TypeVar("T")


def read_document(file: Path, kind: type[T]) -> T:
    """`-` is stdin. Raises SettingsError for a file that cannot be read, DocumentError naming it for its content."""
    raw = _read(file)
    try:
        return decode(_as_json(raw) if file.suffix == ".toml" else raw, kind)
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
