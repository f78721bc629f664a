"""Documents to bytes and back: one definition, decoded alike on every side of a wall."""

import re
from hashlib import sha256
from typing import TypeVar

import msgspec

from shared.errors import DocumentError

T = TypeVar("T")
_PATH = re.compile(r"^(?P<reason>.*?)(?: - at `(?:key` in `)?(?P<path>[^`]*)`)?$", re.DOTALL)
_encoder = msgspec.json.Encoder(order="deterministic")


def decode(raw: bytes | str, kind: type[T]) -> T:
    """Decode and check strictly; raises DocumentError with the path of the offending field."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise document_error(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError(f"not JSON: {error}") from error


def encode(document: object) -> bytes:
    """The same document always gives the same bytes."""
    return _encoder.encode(document)


def digest(document: object) -> str:
    """A short name for exactly this content: a revision or an ETag."""
    return sha256(encode(document)).hexdigest()[:16]


def document_error(message: str) -> DocumentError:
    """From the text of msgspec's ValidationError."""
    match = _PATH.match(message)
    reason, path = (match["reason"], match["path"]) if match else (message, None)
    return DocumentError(reason, field=(path or "").removeprefix("$").removeprefix("."))
