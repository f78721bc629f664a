"""A record as JSON: a list, nested lists, or an object with one member that is such a list."""

from collections.abc import Callable
from typing import Any

import msgspec
from numpy.typing import NDArray

from shared.documents.types import TensorSpec
from shared.errors import RecordError
from shared.record.numbers import flat_type, nested_type, to_tensor

DEFAULT_FIELD = "values"
MEMBER = "member"


def json_reader(spec: TensorSpec, field: str | None) -> Callable[[bytes], NDArray[Any]]:
    """A reader that raises RecordError only. With `field` the record must be an object; without, `values` is taken."""
    deep = _decoder(nested_type(spec), field)
    flat = _decoder(flat_type(spec), field) if len(spec.shape) != 1 else None

    def read(value: bytes) -> NDArray[Any]:
        try:
            try:
                found = deep.decode(value)
            except msgspec.ValidationError:
                if flat is None:
                    raise
                found = flat.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecordError(f"the value is not the JSON expected: {error}") from error
        return to_tensor(getattr(found, MEMBER) if isinstance(found, msgspec.Struct) else found, spec)

    return read


def _decoder(numbers: Any, field: str | None) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - made at run time
    member = msgspec.defstruct("Object", [(MEMBER, numbers)], rename={MEMBER: field or DEFAULT_FIELD})
    return msgspec.json.Decoder(member if field else numbers | member)
