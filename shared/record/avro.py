"""A record as a bare Avro datum: no container, no magic, no schema id. Needs fastavro, the extra `avro`."""

import json
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from typing import Any

from numpy.typing import NDArray

from shared.documents.types import TensorSpec
from shared.errors import DocumentError, RecordError, UnavailableError
from shared.importing import importing
from shared.record.numbers import convert


def avro_reader(schema: str, spec: TensorSpec, field: str | None) -> Callable[[bytes], NDArray[Any]]:
    """A reader that raises RecordError only.

    A record's fields in schema order are one vector, numbers and lists of numbers alike; `field` takes one alone.
    Raises DocumentError when `schema` is none or has no such field, UnavailableError without fastavro.
    """
    parsed = parse_schema(schema)
    if field is not None and field not in {one["name"] for one in _fields(parsed)}:
        raise DocumentError(f"the schema has no field {field!r}", field="decoder.field")
    datum = datum_reader(parsed)
    return lambda value: _tensor(datum(value), spec, field)


def datum_reader(parsed: object, what: str = "value") -> Callable[[bytes], object]:
    """A reader of `what` by a parsed schema: Python's objects, not yet a tensor. It raises RecordError only."""
    fastavro = _fastavro()

    def read(content: bytes) -> object:
        source = BytesIO(content)
        try:
            datum: object = fastavro.schemaless_reader(source, parsed, None)
        except Exception as error:  # what fastavro raises for foreign bytes is anything at all
            raise RecordError(f"the {what} is no Avro datum of the schema ({type(error).__name__})") from error
        if source.tell() != len(content):
            raise RecordError(f"the {what} is too long: {len(content) - source.tell()} bytes after the Avro datum")
        return datum

    return read


def datum_writer(parsed: object, what: str = "value") -> Callable[[object], bytes]:
    """The other way: Python's objects to a bare datum. It raises RecordError only."""
    fastavro = _fastavro()

    def write(datum: object) -> bytes:
        content = BytesIO()
        try:
            fastavro.schemaless_writer(content, parsed, datum, strict=True)
        except Exception as error:  # as above
            raise RecordError(f"the {what} is no datum of the schema: {error or type(error).__name__}") from error
        return content.getvalue()

    return write


def _fastavro() -> Any:  # noqa: ANN401 - fastavro ships no types
    try:
        with importing():
            return import_module("fastavro")
    except ImportError as error:
        raise UnavailableError("Avro records need fastavro: install fogline[avro]") from error


def parse_schema(schema: str) -> Any:  # noqa: ANN401 - fastavro ships no types
    """Raises DocumentError when it is none, UnavailableError without fastavro."""
    fastavro = _fastavro()
    try:
        return fastavro.parse_schema(json.loads(schema))
    except Exception as error:  # a schema of the wrong JSON types raises anything at all
        raise DocumentError(f"not an Avro schema: {error!r}", field="decoder.schema") from error


def _fields(parsed: Any) -> list[Any]:  # noqa: ANN401 - fastavro ships no types
    return parsed.get("fields", []) if isinstance(parsed, dict) else []


def _tensor(datum: object, spec: TensorSpec, field: str | None) -> NDArray[Any]:
    if isinstance(datum, dict):
        if field is not None:
            return convert(datum[field], spec)
        return convert(flattened(list(datum.values())), spec)
    return convert(datum, spec)


def flattened(items: list[Any]) -> list[Any]:
    """What is in lists, whatever the depth, in order."""
    flat: list[Any] = []
    for item in items:
        flat.extend(flattened(item)) if isinstance(item, list) else flat.append(item)
    return flat
