"""Records of an announced stream: what becomes of their bytes, and what one bad record does to the others: nothing."""

import io
import json
import struct
from collections.abc import Sequence
from typing import Any

import fastavro
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from shared.errors import RecordError
from shared.streams.decoding import Example, StreamDecoder, stream_decoder
from shared.streams.inputs import AvroInput, Input, RawInput

U8, F32 = np.dtype("uint8"), np.dtype("float32")
# One zero byte: the key of every record that Kafka-ML's sinks send without a label.
UNLABELLED = b"\x00"
PIXELS = RawInput(data_type="uint8", label_type="uint8", data_shape=(2, 2), label_shape=(1,))
FLOATS = RawInput(data_type="float32", label_type="int64", data_shape=(2,), label_shape=())
OPEN = RawInput(data_type="float32", label_type="uint8")

PATIENT = {
    "type": "record",
    "name": "Patient",
    "fields": [
        {"name": "gender", "type": "float"},
        {"name": "age", "type": "float"},
        {"name": "smoking", "type": {"type": "float"}},
    ],
}
DIAGNOSIS = {"type": "record", "name": "Diagnosis", "fields": [{"name": "diagnosis", "type": "boolean"}]}
SERIES = {
    "type": "record",
    "name": "Series",
    "fields": [{"name": "at", "type": "int"}, {"name": "readings", "type": {"type": "array", "items": "double"}}],
}


def floats(*numbers: float) -> bytes:
    return np.array(numbers, "<f4").tobytes()


def datum(schema: Any, value: object) -> bytes:  # noqa: ANN401 - fastavro ships no types
    target = io.BytesIO()
    fastavro.schemaless_writer(target, schema, value)
    return target.getvalue()


def avro(data: object, label: object = "boolean") -> AvroInput:
    return AvroInput(data_schema=json.dumps(data, indent=1), label_schema=json.dumps(label))


def reason(decoder: StreamDecoder, value: bytes | None, key: bytes | None) -> str:
    with pytest.raises(RecordError) as raised:
        decoder.decode(value, key)
    many = decoder.decode_many([value], [key])
    assert many.faults == [(0, str(raised.value))]
    return str(raised.value)


def test_the_value_is_the_data_and_the_key_the_label() -> None:
    decoder = stream_decoder(PIXELS)
    example = decoder.decode(b"\x01\x02\x03\xff", b"\x07")
    assert example.x.tolist() == [[1, 2], [3, 255]]
    assert example.y is not None
    assert example.y.tolist() == [7]
    assert (decoder.shape, decoder.dtype, decoder.label_shape, decoder.label_dtype) == ((2, 2), U8, (1,), U8)


def test_many_records_become_one_batch() -> None:
    found = stream_decoder(FLOATS).decode_many(
        [floats(1, 2), floats(3, 4)], [np.int64(5).tobytes(), np.int64(-6).tobytes()]
    )
    assert found.x.tolist() == [[1, 2], [3, 4]]
    assert found.y is not None
    assert found.y.tolist() == [5, -6]
    assert (list(found.kept), found.faults, found.x.dtype, found.y.dtype) == ([0, 1], [], F32, np.dtype("int64"))


def test_a_zero_byte_is_the_label_0_where_records_have_labels_and_nothing_where_they_have_none() -> None:
    labelled, unlabelled = stream_decoder(PIXELS), stream_decoder(PIXELS, is_labelled=False)
    labels = labelled.decode(bytes(4), UNLABELLED).y
    assert labels is not None
    assert labels.tolist() == [0]
    assert unlabelled.decode(bytes(4), UNLABELLED).y is None
    assert unlabelled.decode(bytes(4), b"\x05").y is None
    assert unlabelled.decode_many([bytes(4)] * 2, [UNLABELLED, None]).y is None
    assert (unlabelled.label_shape, unlabelled.label_dtype) == (None, None)


@pytest.mark.parametrize(
    ("name", "number", "content"),
    [
        ("uint8", 200, b"\xc8"),
        ("int8", -2, b"\xfe"),
        ("uint16", 258, b"\x02\x01"),
        ("int16", -2, b"\xfe\xff"),
        ("int32", 1, b"\x01\x00\x00\x00"),
        ("int64", -1, b"\xff" * 8),
        ("float16", 1.5, b"\x00\x3e"),
        ("half", 1.5, b"\x00\x3e"),
        ("float32", 1.5, struct.pack("<f", 1.5)),
        ("float64", 1.5, struct.pack("<d", 1.5)),
        ("double", 1.5, struct.pack("<d", 1.5)),
        ("bool", True, b"\x01"),
        ("bool_", False, b"\x00"),
        # What the sinks write for Python's own numbers.
        ("int", 200, bytes([200])),
        ("float", 1.5, struct.pack("f", 1.5)),
    ],
)
def test_elements_by_the_names_clients_give_them(name: str, number: float, content: bytes) -> None:
    decoder = stream_decoder(RawInput(data_type=name, label_type=name, data_shape=(), label_shape=(1,)))
    example = decoder.decode(content, content)
    assert example.x.item() == number
    assert example.y is not None
    assert example.y.tolist() == [number]


@pytest.mark.parametrize(
    ("found", "value", "key", "why"),
    [
        (PIXELS, bytes(3), b"\x01", "the value has 3 bytes instead of 4: uint8 of the shape [2, 2]"),
        (PIXELS, b"", b"\x01", "the value has 0 bytes instead of 4"),
        (PIXELS, None, b"\x01", "the record has no value"),
        (PIXELS, bytes(4), b"\x01\x02", "the label has 2 bytes instead of 1: uint8 of the shape [1]"),
        (PIXELS, bytes(4), None, "the record has no key, and so no label"),
        (FLOATS, floats(1, 2), b"\x01", "the label has 1 bytes instead of 8: int64 of the shape []"),
        (FLOATS, floats(1, np.nan), bytes(8), "the value holds NaN or an infinity"),
        (OPEN, bytes(6), b"\x01", "the value has 6 bytes instead of 4 or a multiple of it"),
        (OPEN, b"", b"\x01", "the value has 0 bytes instead of 4 or a multiple of it"),
        (OPEN, floats(np.inf), b"\x01", "the value holds NaN or an infinity"),
        (
            RawInput(data_type="bool", label_type="int", data_shape=(2,), label_shape=(1,)),
            b"\x01\x02",
            b"\x01",
            "the value holds a byte that is no boolean",
        ),
        (
            RawInput(data_type="uint8", label_type="int", data_shape=(), label_shape=(1,)),
            b"\x01",
            bytes(8),
            "the label has 8 bytes instead of 1: int of the shape [1]",
        ),
        (avro(PATIENT), b"\x00", b"\x01", "the value is no Avro datum of the schema (EOFError)"),
        (avro(PATIENT), floats(1, 2, 3) + b"\x00", b"\x01", "the value is too long: 1 bytes after the Avro datum"),
        (avro(PATIENT), floats(1, 2, np.nan), b"\x01", "the value holds NaN or an infinity"),
        (avro(PATIENT), floats(1, 2, 3), b"", "the label is no Avro datum"),
        (avro(PATIENT), floats(1, 2, 3), None, "the record has no key"),
        (avro(["null", "float"]), b"\x00", b"\x01", "the value holds null where a number must be"),
        (avro({"type": "array", "items": "int"}), b"\x00", b"\x01", "the value holds no number"),
    ],
)
def test_a_bad_record_says_what_is_wrong_with_it(
    found: Input, value: bytes | None, key: bytes | None, why: str
) -> None:
    assert why in reason(stream_decoder(found), value, key)


def test_a_bad_record_leaves_the_others_alone() -> None:
    values = [bytes(4), bytes(3), b"\x01\x02\x03\x04", bytes(4), None]
    keys = [b"\x01", b"\x02", b"\x03", None, b"\x05"]
    found = stream_decoder(PIXELS).decode_many(values, keys)
    assert found.x.tolist() == [[[0, 0], [0, 0]], [[1, 2], [3, 4]]]
    assert found.y is not None
    assert found.y.tolist() == [[1], [3]]
    assert list(found.kept) == [0, 2]
    assert [index for index, _ in found.faults] == [1, 3, 4]


def test_an_open_shape_is_a_vector_as_long_as_the_first_good_record() -> None:
    decoder = stream_decoder(OPEN)
    assert (decoder.shape, decoder.label_shape, decoder.is_settled) == (None, None, False)
    found = decoder.decode_many([b"odd", floats(1, 2), floats(3), floats(4, 5)], [b"\x01", b"\x02", b"\x03", b"\x04"])
    assert found.x.tolist() == [[1, 2], [4, 5]]
    assert found.faults[1] == (2, "the value has 4 bytes instead of 8: float32 of the shape [2]")


def test_a_settled_decoder_takes_no_other_shape() -> None:
    decoder = stream_decoder(OPEN).settled(stream_decoder(OPEN).decode(floats(1, 2), b"\x01"))
    assert (decoder.shape, decoder.label_shape, decoder.is_settled) == ((2,), (1,), True)
    assert [index for index, _ in decoder.decode_many([floats(1), floats(1, 2)], [b"\x01"] * 2).faults] == [0]


def test_no_record_at_all_is_an_empty_batch() -> None:
    found = stream_decoder(PIXELS).decode_many([], [])
    assert found.x.shape == (0, 2, 2)
    assert stream_decoder(OPEN).decode_many([], []).faults == []
    assert stream_decoder(OPEN).decode_many([b"odd"], [b"\x01"]).x.shape == (0, 0)


def test_values_and_keys_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="2 values, but 1 keys"):
        stream_decoder(PIXELS).decode_many([bytes(4)] * 2, [b"\x01"])


Batch = NDArray[np.generic]
ELEMENTS = (
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
)


@st.composite
def batches(draw: st.DrawFn, records: int) -> Batch:
    dtype = np.dtype(draw(st.sampled_from(ELEMENTS)))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3))
    return draw(
        hnp.arrays(dtype, (records, *shape), elements=hnp.from_dtype(dtype, allow_nan=False, allow_infinity=False))
    )


@st.composite
def streams(draw: st.DrawFn) -> tuple[Batch, Batch, RawInput]:
    records = draw(st.integers(0, 4))
    x, y = draw(batches(records)), draw(batches(records))
    found = RawInput(data_type=x.dtype.name, label_type=y.dtype.name, data_shape=x.shape[1:], label_shape=y.shape[1:])
    return x, y, found


def sent(batch: Batch) -> list[bytes]:
    """As the sinks write it, whatever the order in memory."""
    return [row.astype(row.dtype.newbyteorder("<")).tobytes() for row in np.asfortranarray(batch)]


@given(streams())
def test_every_bit_that_was_sent_is_read(stream: tuple[Batch, Batch, RawInput]) -> None:
    x, y, found = stream
    many = stream_decoder(found).decode_many(sent(x), sent(y))
    assert many.y is not None
    assert (many.faults, list(many.kept)) == ([], list(range(len(x))))
    for read, meant in ((many.x, x), (many.y, y)):
        assert (read.dtype, read.shape, read.tobytes()) == (meant.dtype, meant.shape, meant.tobytes())
        assert read.flags.writeable


GOOD_VALUES = [bytes(4), floats(1, 2), floats(np.nan, 2), floats(1, 2, 3), datum(SERIES, {"at": 1, "readings": [2, 3]})]
GOOD_KEYS = [b"\x01", UNLABELLED, bytes(8)]
VALUES = st.sampled_from(GOOD_VALUES) | st.binary(max_size=10) | st.none()
KEYS = st.sampled_from(GOOD_KEYS) | st.binary(max_size=9) | st.none()
RECORDS = st.lists(st.tuples(VALUES, KEYS), max_size=6)
INPUTS = [PIXELS, FLOATS, OPEN, avro(PATIENT, DIAGNOSIS), avro(SERIES), avro(["null", "double"], "int")]


@given(RECORDS, st.sampled_from(INPUTS), st.booleans())
def test_many_are_read_as_one_by_one_and_garbage_only_gives_reasons(
    records: Sequence[tuple[bytes | None, bytes | None]], found: Input, is_labelled: bool
) -> None:
    decoder = stream_decoder(found, is_labelled=is_labelled)
    first = next((one for one in (tried(decoder, *pair) for pair in records) if isinstance(one, Example)), None)
    decoder = decoder if first is None else decoder.settled(first)
    many = decoder.decode_many([value for value, _ in records], [key for _, key in records])
    assert sorted([*many.kept, *(index for index, _ in many.faults)]) == list(range(len(records)))
    assert len(many.x) == len(many.kept)
    alone = [tried(decoder, *pair) for pair in records] if decoder.is_settled else []
    assert [(index, one) for index, one in enumerate(alone) if isinstance(one, str)] == (many.faults if alone else [])
    read = [one for one in alone if isinstance(one, Example)]
    for row, example in enumerate(read):
        assert many.x[row].tobytes() == example.x.tobytes()
        assert many.y is None or (example.y is not None and many.y[row].tobytes() == example.y.tobytes())


def tried(decoder: StreamDecoder, value: bytes | None, key: bytes | None) -> Example | str:
    try:
        return decoder.decode(value, key)
    except RecordError as error:
        return str(error)
