"""The numbers of a bare Avro datum as one vector: its fields in schema order, lists of numbers among them.

The schema says what the elements are: those of its fields if they agree, else the type that holds them all.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError, RecordError
from shared.record.avro import datum_reader, flattened, parse_schema
from shared.streams.tensor_readers import Half, known

_NUMBERS = {"boolean": "bool", "int": "int32", "long": "int64", "float": "float32", "double": "float64"}


class _Leaf(NamedTuple):
    """What a field gives to the vector: elements of these types, exactly one or any number."""

    types: tuple[str, ...]
    is_one: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AvroReader:
    """`shape` is known from the schema unless a field is a list."""

    half: Half
    dtype: np.dtype[Any]
    shape: tuple[int, ...] | None
    datum: Callable[[bytes], object]

    def read(self, content: bytes | None) -> NDArray[Any]:
        return np.array(self._numbers(content), self.dtype)

    def read_many(self, contents: Sequence[bytes | None]) -> tuple[NDArray[Any], dict[int, str]]:
        shape = known(self.shape)
        blank = [0] * shape[0]
        reasons: dict[int, str] = {}
        rows: list[list[Any]] = []
        for index, content in enumerate(contents):
            try:
                rows.append(self._numbers(content))
            except RecordError as error:
                reasons[index] = str(error)
                rows.append(blank)
        return np.array(rows, self.dtype).reshape(len(rows), *shape), reasons

    def with_shape(self, shape: tuple[int, ...]) -> Self:
        return replace(self, shape=shape)

    def _numbers(self, content: bytes | None) -> list[Any]:
        if content is None:
            raise RecordError(self.half.missing)
        datum = self.datum(content)
        numbers = flattened(list(datum.values()) if isinstance(datum, dict) else [datum])
        if None in numbers:
            raise RecordError(f"the {self.half} holds null where a number must be")
        if not numbers:
            raise RecordError(f"the {self.half} holds no number")
        if self.shape is not None and len(numbers) != self.shape[0]:
            raise RecordError(f"the {self.half} holds {len(numbers)} numbers instead of {self.shape[0]}")
        return numbers


def avro_tensor_reader(schema: str, *, half: Half, field: str) -> AvroReader:
    """Raises DocumentError, with `field`, for a schema that is none or holds more than numbers; UnavailableError."""
    try:
        parsed = parse_schema(schema)
    except DocumentError as error:
        raise DocumentError(error.reason, field=field) from error
    leaves = list(_leaves(parsed, field))
    types = [one for leaf in leaves for one in leaf.types]
    if not types:
        raise DocumentError("the schema holds no number", field=field)
    is_fixed = all(leaf.is_one for leaf in leaves)
    return AvroReader(
        half=half,
        dtype=np.result_type(*types),
        shape=(len(leaves),) if is_fixed else None,
        datum=datum_reader(parsed, half),
    )


def _leaves(parsed: object, field: str) -> Iterator[_Leaf]:
    match parsed:
        case {"type": "record", "fields": list(fields)}:
            for one in fields:
                yield _leaf(one["type"], f"field {one['name']!r}", field)
        case _:
            yield _leaf(parsed, "the datum", field)


def _leaf(kind: object, name: str, field: str) -> _Leaf:
    match kind:
        case str() if kind in _NUMBERS:
            return _Leaf((_NUMBERS[kind],), is_one=True)
        case {"type": "array", "items": items}:
            return _leaf(items, name, field)._replace(is_one=False)
        case {"type": str() as inner, **rest} if inner in _NUMBERS and "logicalType" not in rest:
            return _leaf(inner, name, field)
        case list(branches) if any(one != "null" for one in branches):
            leaves = [_leaf(one, name, field) for one in branches if one != "null"]
            return _Leaf(tuple(one for leaf in leaves for one in leaf.types), all(leaf.is_one for leaf in leaves))
    raise DocumentError(f"{name} of the schema is no number and no list of numbers: send numbers only", field=field)
