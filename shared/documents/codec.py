"""Documents to bytes and back: one definition, decoded alike on every side of a wall."""

import re
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from msgspec import structs

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


def encode_given(document: msgspec.Struct) -> bytes:
    """As `encode`, without what is at its default, but for `api_version`.

    People's documents refuse unknown fields, so an earlier reader takes this as long as nothing is asked of it that it
    does not know. What is left out means what the reader has for it: defaults never change within one `api_version`.
    """
    return encode(_given(document))


def digest(document: object) -> str:
    """A short name for exactly this content: a revision or an ETag."""
    return sha256(encode(document)).hexdigest()[:16]


def document_error(message: str) -> DocumentError:
    """From the text of msgspec's ValidationError."""
    match = _PATH.match(message)
    reason, path = (match["reason"], match["path"]) if match else (message, None)
    return DocumentError(reason, field=(path or "").removeprefix("$").removeprefix("."))


def _given(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        tag: dict[str, object] = {} if config.tag_field is None else {config.tag_field: config.tag}
        return tag | {
            one.encode_name: _given(getattr(value, one.name))
            for one in structs.fields(value)
            if one.name == "api_version" or not _is_default(one, getattr(value, one.name))
        }
    if isinstance(value, tuple | list):
        return [_given(one) for one in value]
    if isinstance(value, dict):
        return {name: _given(one) for name, one in value.items()}
    return value


def _is_default(field: structs.FieldInfo, value: Any) -> bool:  # noqa: ANN401 - of any field
    if field.required:
        return False
    default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    # -0.0 equals 0.0, and is another content.
    return bool(value == default) and encode(value) == encode(default)
