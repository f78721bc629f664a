"""A training request from a document, from options alone, or from both. Pure."""

from collections.abc import Mapping
from typing import Any

from shared.documents import TrainingRequest, decode, encode
from shared.errors import DocumentError

Fields = dict[str, Any]
Path = tuple[str, ...]


def with_options(fields: Mapping[str, Any], options: Mapping[Path, object]) -> Fields:
    """Each option in place of the field that its path leads to; None leaves the field as it is."""
    changed = dict(fields)
    for path, value in options.items():
        if value is not None:
            changed = _with(changed, path, value)
    return changed


def checked(fields: Mapping[str, Any]) -> TrainingRequest:
    """Raises DocumentError."""
    return decode(encode(fields), TrainingRequest)


def _with(fields: Fields, path: Path, value: object) -> Fields:
    name, *below = path
    if not below:
        return {**fields, name: value}
    inner = fields.get(name) or {}
    if not isinstance(inner, dict):
        raise DocumentError("is no table of fields", field=name)
    return {**fields, name: _with(inner, tuple(below), value)}
