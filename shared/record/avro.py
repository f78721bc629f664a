"""A record as a bare Avro datum: no container, no magic, no schema id. Needs fastavro, the extra `avro`."""

import json
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from typing import Any

from numpy.typing import NDArray

from shared.documents.types import TensorSpec
from shared.errors import DocumentError, RecordError, UnavailableError
from shared.record.numbers import convert


def avro_reader(schema: str, spec: TensorSpec, field: str | None) -> Callable[[bytes], NDArray[Any]]:
    """A reader that raises RecordError only.

    A record's fields in schema order are one vector, numbers and lists of numbers alike; `field` takes one alone.
    Raises DocumentError when `schema` is none or has no such field, UnavailableError without fastavro.
    """
    fastavro = _fastavro()
    parsed = _parsed(fastavro, schema)
    if field is not None and field not in {one["name"] for one in _fields(parsed)}:
        raise DocumentError(f"the schema has no field {field!r}", field="decoder.field")

    def read(value: bytes) -> NDArray[Any]:
        source = BytesIO(value)
        try:
            datum = fastavro.schemaless_reader(source, parsed, None)
        except Exception as error:  # what fastavro raises for foreign bytes is anything at all
            raise RecordError(f"the value is no Avro datum of the schema ({type(error).__name__})") from error
        if source.tell() != len(value):
            raise RecordError(f"the value is too long: {len(value) - source.tell()} bytes after the Avro datum")
        return _tensor(datum, spec, field)

    return read


def _fastavro() -> Any:  # noqa: ANN401 - fastavro ships no types
    try:
        return import_module("fastavro")
    except ImportError as error:
        raise UnavailableError("Avro records need fastavro: install fogline[avro]") from error


def _parsed(fastavro: Any, schema: str) -> Any:  # noqa: ANN401 - fastavro ships no types
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
        return convert(_flat(list(datum.values())), spec)
    return convert(datum, spec)


def _flat(items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    for item in items:
        flat.extend(_flat(item)) if isinstance(item, list) else flat.append(item)
    return flat
