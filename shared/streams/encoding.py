"""Examples to records of a stream: the value is the data, the key is the label. `decoding` reads them back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shared.documents.types import DType
from shared.errors import RecordError
from shared.record.avro import datum_writer, flattened, parse_schema
from shared.record.finite import finite_rows
from shared.streams.avro_readers import avro_tensor_reader
from shared.streams.field_error import FieldError
from shared.streams.inputs import AvroInput, Input, RawInput
from shared.streams.tensor_readers import Half

# What Kafka-ML's sinks give a record without a label.
UNLABELLED_KEY = b"\0"


class Pair(NamedTuple):
    """What a record is made of."""

    value: bytes
    key: bytes


class StreamEncoder(Protocol):
    @property
    def input(self) -> Input:
        """How the records that were encoded so far are to be read. Raises RecordError before the first one."""
        ...

    def encode(self, x: Any, y: Any = None) -> list[Pair]:  # noqa: ANN401 - what an array can be made of
        """Of many examples; `y` is None where they have no labels. All of them or none.

        Raises RecordError, with the number of the example from 1 on, for one that no decoder would take.
        """
        ...


@dataclass(slots=True)
class RawEncoder:
    """Tensors of numbers: `x` is `[n, *shape]`, `y` `[n, *label_shape]`. Type and shape are those of the first ones.

    A later type is taken where the first holds all its numbers, as float32 does those of float16.
    """

    _data: "_Tensors" = field(default_factory=lambda: _Tensors(Half.DATA), init=False)
    _label: "_Tensors" = field(default_factory=lambda: _Tensors(Half.LABEL), init=False)

    @property
    def input(self) -> RawInput:
        data = self._data.spec
        if data is None:
            raise RecordError("no record was sent: nobody knows what they would hold")
        # Nothing reads this label: no record has one.
        label = self._label.spec or ("uint8", (1,))
        return RawInput(data_type=data[0], data_shape=data[1], label_type=label[0], label_shape=label[1])

    def encode(self, x: ArrayLike, y: ArrayLike | None = None) -> list[Pair]:
        values = self._data.encoded(x)
        if y is None:
            return [Pair(value, UNLABELLED_KEY) for value in values]
        keys = self._label.encoded(y)
        _require_as_many(values, keys)
        return list(map(Pair, values, keys))


@dataclass(slots=True)
class _Tensors:
    half: Half
    dtype: np.dtype[Any] | None = None
    shape: tuple[int, ...] = ()
    count: int = 0

    @property
    def spec(self) -> tuple[str, tuple[int, ...]] | None:
        """A number alone is announced as a vector of one, which is all that Kafka-ML knows."""
        return None if self.dtype is None else (self.dtype.name, self.shape or (1,))

    def encoded(self, found: ArrayLike) -> list[bytes]:
        rows = self._checked(self._array(found))
        content, size = rows.tobytes(), rows[:1].nbytes
        self.count += len(rows)
        return [content[start : start + size] for start in range(0, len(content), size)]

    def _array(self, found: ArrayLike) -> NDArray[Any]:
        try:
            rows = np.asarray(found)
        except ValueError as error:
            raise RecordError(f"{self._place(0)}: the {self.half}s are no array of one shape ({error})") from error
        if rows.ndim == 0:
            raise RecordError(f"{self._place(0)}: the {self.half} is one number instead of one for each record")
        return rows

    def _checked(self, rows: NDArray[Any]) -> NDArray[Any]:
        """In the type on the wire. It settles type and shape."""
        if self.dtype is None:
            self._settle(rows)
        if rows.shape[1:] != self.shape:
            raise RecordError(
                f"{self._place(0)}: the {self.half} has the shape {list(rows.shape[1:])}, "
                f"the first one had {list(self.shape)}"
            )
        if self.dtype is None or not np.can_cast(rows.dtype, self.dtype, "safe"):
            raise RecordError(
                f"{self._place(0)}: the {self.half} is {rows.dtype.name}, the first one was {self.dtype}: convert it"
            )
        finite = finite_rows(rows)
        if not finite.all():
            raise RecordError(f"{self._place(int(finite.argmin()))}: the {self.half} holds NaN or an infinity")
        return rows.astype(self.dtype.newbyteorder("<"), copy=False)

    def _settle(self, rows: NDArray[Any]) -> None:
        if rows.dtype.name not in set(DType):
            raise RecordError(
                f"{self._place(0)}: no network takes {rows.dtype.name} as a {self.half}: "
                f"convert it to one of {', '.join(DType)}"
            )
        try:
            RawInput(data_type=rows.dtype.name, data_shape=rows.shape[1:], label_type="uint8")
        except FieldError as error:
            raise RecordError(f"{self._place(0)}: the {self.half} {error.reason}") from error
        if 0 in rows.shape[1:]:
            raise RecordError(f"{self._place(0)}: the {self.half} is empty")
        self.dtype, self.shape = rows.dtype, rows.shape[1:]

    def _place(self, row: int) -> str:
        return f"record {self.count + row + 1}"


class AvroEncoder:
    """Bare Avro data. An example is what its schema says, or of a record the list of its fields in their order."""

    def __init__(self, found: AvroInput) -> None:
        """Raises DocumentError for schemas that are none or hold more than numbers, UnavailableError."""
        self._input = found
        # Refused here what no decoder takes.
        for schema, half, name in (
            (found.data_schema, Half.DATA, "data_schema"),
            (found.label_schema, Half.LABEL, "label_schema"),
        ):
            avro_tensor_reader(schema, half=half, field=name)
        self._data = _Data.of(found.data_schema, Half.DATA)
        self._label = _Data.of(found.label_schema, Half.LABEL)
        self._count = 0

    @property
    def input(self) -> AvroInput:
        return self._input

    def encode(self, x: Iterable[Any], y: Iterable[Any] | None = None) -> list[Pair]:
        values = [self._data.encoded(one, self._count + row) for row, one in enumerate(x)]
        if y is None:
            keys = [UNLABELLED_KEY] * len(values)
        else:
            keys = [self._label.encoded(one, self._count + row) for row, one in enumerate(y)]
        _require_as_many(values, keys)
        self._count += len(values)
        return list(map(Pair, values, keys))


@dataclass(frozen=True, slots=True)
class _Data:
    half: Half
    fields: tuple[str, ...]
    write: Callable[[object], bytes]

    @classmethod
    def of(cls, schema: str, half: Half) -> "_Data":
        parsed = parse_schema(schema)
        fields = tuple(one["name"] for one in parsed.get("fields", ())) if isinstance(parsed, dict) else ()
        return cls(half, fields, datum_writer(parsed, half))

    def encoded(self, found: object, row: int) -> bytes:
        try:
            datum = self._datum(found)
            self._require_finite(datum)
            return self.write(datum)
        except RecordError as error:
            raise RecordError(f"record {row + 1}: {error}") from error

    def _datum(self, found: object) -> object:
        if isinstance(found, Mapping):
            return {name: _plain(value) for name, value in found.items()}
        plain = _plain(found)
        if not self.fields:
            return plain
        values = plain if isinstance(plain, list | tuple) else [plain]
        if len(values) != len(self.fields):
            raise RecordError(f"the {self.half} has {len(values)} parts, the schema {len(self.fields)} fields")
        return {name: _plain(value) for name, value in zip(self.fields, values, strict=True)}

    def _require_finite(self, datum: object) -> None:
        numbers = flattened(list(datum.values()) if isinstance(datum, dict) else [datum])
        if any(isinstance(one, float) and not isfinite(one) for one in numbers):
            raise RecordError(f"the {self.half} holds NaN or an infinity")


def stream_encoder(found: AvroInput | None) -> StreamEncoder:
    """RAW where no schemas are given. Raises as AvroEncoder."""
    return RawEncoder() if found is None else AvroEncoder(found)


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _require_as_many(values: Sequence[bytes], keys: Sequence[bytes]) -> None:
    if len(values) != len(keys):
        raise RecordError(f"{len(keys)} labels for {len(values)} records")
