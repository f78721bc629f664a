"""Records of an announced stream to examples: the value is the data, the key is the label."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import RecordError
from shared.record.finite import finite_rows
from shared.streams.avro_readers import avro_tensor_reader
from shared.streams.inputs import AvroInput, Input
from shared.streams.tensor_readers import Half, RawReader, TensorReader


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """One record: `y` is None where there are no labels."""

    x: NDArray[Any]
    y: NDArray[Any] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """Many records: `x` is `[n, *shape]`, `y` `[n, *label_shape]` or None, with a row for each index in `kept`.

    Every other index is in `faults`, in order, with the reason.
    """

    x: NDArray[Any]
    y: NDArray[Any] | None
    kept: Sequence[int]
    faults: list[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDecoder:
    """A record that holds NaN, an infinity, or a boolean other than 0 and 1 is as bad as one that cannot be read.

    Without a `label` reader it is for records without labels, whose keys are not looked at: Kafka-ML's sinks give them
    one zero byte, which is also the label 0.
    """

    data: TensorReader
    label: TensorReader | None

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Of one record; None until a record has shown it: see `settled`."""
        return self.data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    @property
    def label_shape(self) -> tuple[int, ...] | None:
        """None until a record has shown it, or where there are no labels."""
        return None if self.label is None else self.label.shape

    @property
    def label_dtype(self) -> np.dtype[Any] | None:
        """None where there are no labels."""
        return None if self.label is None else self.label.dtype

    @property
    def is_settled(self) -> bool:
        """Whether both shapes are known."""
        return self.shape is not None and (self.label is None or self.label.shape is not None)

    def decode(self, value: bytes | None, key: bytes | None) -> Example:
        """Raises RecordError."""
        return Example(x=_read(self.data, value), y=None if self.label is None else _read(self.label, key))

    def decode_many(self, values: Sequence[bytes | None], keys: Sequence[bytes | None]) -> Examples:
        """Raises nothing for a bad record. An open shape is that of the first record here that can be read.

        For the whole of a stream, settle the decoder first: else each call has its own first record.
        """
        if len(values) != len(keys):
            raise ValueError(f"{len(values)} values, but {len(keys)} keys")
        reasons: dict[int, str] = {}
        x = _read_all(self.data, values, reasons)
        y = None if self.label is None else _read_all(self.label, keys, reasons)
        if not reasons:
            return Examples(x=x, y=y, kept=range(len(values)), faults=[])
        kept = [index for index in range(len(values)) if index not in reasons]
        return Examples(x=x[kept], y=None if y is None else y[kept], kept=kept, faults=sorted(reasons.items()))

    def settled(self, example: Example) -> "StreamDecoder":
        """The same decoder, for records of the shapes of this example only."""
        label = self.label
        if label is not None and example.y is not None:
            label = label.with_shape(example.y.shape)
        return replace(self, data=self.data.with_shape(example.x.shape), label=label)


def stream_decoder(found: Input, *, is_labelled: bool = True) -> StreamDecoder:
    """For the labelled records of a stream, or for those without labels.

    Raises DocumentError for Avro schemas that are none or hold more than numbers, UnavailableError without fastavro.
    """
    data: TensorReader
    label: TensorReader
    if isinstance(found, AvroInput):
        data = avro_tensor_reader(found.data_schema, half=Half.DATA, field="input.data_schema")
        label = avro_tensor_reader(found.label_schema, half=Half.LABEL, field="input.label_schema")
    else:
        data = RawReader(half=Half.DATA, element=found.data_type, shape=found.data_shape)
        label = RawReader(half=Half.LABEL, element=found.label_type, shape=found.label_shape)
    return StreamDecoder(data=data, label=label if is_labelled else None)


def _read(reader: TensorReader, content: bytes | None) -> NDArray[Any]:
    tensor = reader.read(content)
    if not finite_rows(tensor[None]).all():
        raise RecordError(_unsound(reader))
    return tensor


def _read_all(reader: TensorReader, contents: Sequence[bytes | None], reasons: dict[int, str]) -> NDArray[Any]:
    """A row for each; those of the indices that get a reason here mean nothing."""
    reader = _settled(reader, contents, reasons)
    if reader.shape is None:
        return np.zeros((len(contents), 0), reader.dtype)
    batch, unread = reader.read_many(contents)
    for index, reason in unread.items():
        reasons.setdefault(index, reason)
    for index in np.flatnonzero(~finite_rows(batch)).tolist():
        reasons.setdefault(index, _unsound(reader))
    return batch


def _settled(reader: TensorReader, contents: Sequence[bytes | None], reasons: dict[int, str]) -> TensorReader:
    """For the shape of the first that can be read; those before it get their reasons, which are all where none can."""
    if reader.shape is not None:
        return reader
    for index, content in enumerate(contents):
        try:
            return reader.with_shape(reader.read(content).shape)
        except RecordError as error:
            reasons.setdefault(index, str(error))
    return reader


def _unsound(reader: TensorReader) -> str:
    what = "a byte that is no boolean" if reader.dtype.kind == "b" else "NaN or an infinity"
    return f"the {reader.half} holds {what}"
