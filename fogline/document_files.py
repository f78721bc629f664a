"""Documents that people write into files: JSON, TOML or YAML."""

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from shared.documents import decode, encode
from shared.errors import DocumentError, SettingsError, UnavailableError

T = TypeVar("T")
Changed = Callable[[dict[str, Any]], dict[str, Any]]
"""What becomes of a document's fields before they are checked."""


def read_document(
    file: Path, kind: type[T], *, changed: Changed | None = None, also: Callable[[T], None] | None = None
) -> T:
    """`-` is stdin. Raises SettingsError for a file that cannot be read, DocumentError naming it for its content.

    `also`: looks at what was read, and raises DocumentError for what its schema cannot say.
    """
    raw = _read(file)
    try:
        found = _as_json(raw, file.suffix)
        if changed is not None:
            found = encode(changed(decode(found, dict[str, Any])))
        document = decode(found, kind)
        if also is not None:
            also(document)
    except DocumentError as error:
        reason = f"in {file}: {error.reason}"
        raise DocumentError(reason, field=error.field) from error
    return document


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from error


def _as_json(raw: bytes, suffix: str) -> bytes:
    """One decoder for all, so an error in TOML names its field as one in JSON does."""
    match suffix:
        case ".toml":
            return _from_toml(raw)
        case ".yaml" | ".yml":
            return _from_yaml(raw)
    return raw


def _from_toml(raw: bytes) -> bytes:
    try:
        return encode(tomllib.loads(raw.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DocumentError(f"not TOML: {error}") from error


def _from_yaml(raw: bytes) -> bytes:
    try:
        import yaml
    except ImportError as error:
        raise UnavailableError("YAML needs a library: pip install pyyaml, or write the file as TOML") from error
    try:
        return encode(yaml.safe_load(raw))
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise DocumentError(f"not YAML: {' '.join(str(error).split())}") from error
