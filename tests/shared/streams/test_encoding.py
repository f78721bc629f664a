"""What is sent is what is read: encoders against the decoders made from what they announce."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from shared.documents.types import DType
from shared.errors import DocumentError, RecordError
from shared.streams.decoding import stream_decoder
from shared.streams.encoding import AvroEncoder, Pair, RawEncoder
from shared.streams.inputs import AvroInput

SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Reading",
        "fields": [{"name": "heat", "type": "float"}, {"name": "speed", "type": "int"}],
    }
)
LABEL = json.dumps({"type": "record", "name": "Label", "fields": [{"name": "class", "type": "int"}]})


@st.composite
def tensors(draw: st.DrawFn, rows: int) -> np.ndarray[Any, Any]:
    dtype = np.dtype(draw(st.sampled_from(list(DType))).value).newbyteorder(draw(st.sampled_from("<>")))
    shape = draw(st.lists(st.integers(1, 3), max_size=3))
    elements = arrays.from_dtype(dtype, allow_nan=False, allow_infinity=False)
    return draw(arrays.arrays(dtype, (rows, *shape), elements=elements))


@given(st.data(), st.integers(1, 4), st.booleans())
def test_tensors_are_read_as_they_were_sent(data: st.DataObject, rows: int, one_by_one: bool) -> None:
    x, y = data.draw(tensors(rows)), data.draw(tensors(rows))
    if data.draw(st.booleans()):
        x = np.asfortranarray(x)
    encoder = RawEncoder()
    if one_by_one:
        pairs = [pair for row in range(rows) for pair in encoder.encode([x[row]], [y[row]])]
    else:
        pairs = encoder.encode(x, y)
    read = stream_decoder(encoder.input).decode_many([pair.value for pair in pairs], [pair.key for pair in pairs])
    assert read.faults == []
    assert read.y is not None
    for sent, found in ((x, read.x), (y, read.y)):
        assert found.dtype == sent.dtype.newbyteorder("=")
        assert (found.reshape(sent.shape) == sent).all()
        assert found.shape[1:] == (sent.shape[1:] or (1,))


def test_without_a_label_the_key_is_one_zero_byte() -> None:
    assert RawEncoder().encode(np.array([[1, 2]], ">u2").astype(">i2")) == [Pair(b"\1\0\2\0", b"\0")]


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ([[1.0, 2.0, 3.0]], r"record 3: the value has the shape \[3\], the first one had \[2\]"),
        ([[1.0, np.nan]], "record 3: the value holds NaN"),
        ([[1.0, 2.0], [0.0, np.inf]], "record 4: the value holds NaN or an infinity"),
        ([[1.0, 2.0], [1.0]], "record 3: the values are no array of one shape"),
        (np.array([[1j, 2]]), "record 3: the value is complex128, the first one was float64"),
        ([["1", "2"]], "record 3: the value is "),
        (1.0, "record 3: the value is one number"),
    ],
)
def test_what_no_decoder_would_take_is_refused_with_its_number(x: object, said: str) -> None:
    encoder = RawEncoder()
    encoder.encode(np.zeros((2, 2)))
    with pytest.raises(RecordError, match=said):
        encoder.encode(x)  # type: ignore[arg-type]  # what users pass


@pytest.mark.parametrize("x", [np.zeros((1, 2), "u4"), np.array(["cat"]), np.array([object()]), np.zeros((1, 0))])
def test_a_first_record_that_no_network_takes_is_refused(x: np.ndarray[Any, Any]) -> None:
    with pytest.raises(
        RecordError, match=r"record 1: (no network takes \w+ as a value: convert it|the value is empty)"
    ):
        RawEncoder().encode(x)


def test_numbers_that_fit_into_the_first_type_are_taken() -> None:
    encoder = RawEncoder()
    encoder.encode([[1.5]], [0.5])
    assert encoder.encode([[2]], [1]) == [Pair(np.float64(2).tobytes(), np.float64(1).tobytes())]


def test_labels_of_another_number_than_records_are_refused() -> None:
    with pytest.raises(RecordError, match="2 labels for 3 records"):
        RawEncoder().encode(np.zeros((3, 2)), [0, 1])


@pytest.mark.parametrize("x", [{"heat": 1.5, "speed": 7}, [1.5, 7], {"heat": np.float32(1.5), "speed": np.int64(7)}])
def test_avro_takes_fields_by_name_or_in_their_order(x: object) -> None:
    encoder = AvroEncoder(AvroInput(data_schema=SCHEMA, label_schema=LABEL))
    (pair,) = encoder.encode([x], [3])
    assert pair == (np.float32(1.5).tobytes() + b"\x0e", b"\x06")
    example = stream_decoder(encoder.input).decode(*pair)
    assert example.y is not None
    assert (example.x.tolist(), example.y.tolist()) == ([1.5, 7.0], [3])


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ([1.5], "record 2: the value has 1 parts, the schema 2 fields"),
        ({"heat": 1.5}, "record 2: the value is no datum of the schema"),
        ({"heat": 1.5, "speed": 7, "more": 1}, "record 2: the value is no datum of the schema"),
        ([1.5, "fast"], "record 2: the value is no datum of the schema"),
        ([float("nan"), 1], "record 2: the value holds NaN"),
    ],
)
def test_avro_refuses_what_its_schema_does_not_hold(x: object, said: str) -> None:
    encoder = AvroEncoder(AvroInput(data_schema=SCHEMA, label_schema=LABEL))
    encoder.encode([[1.0, 2]], [0])
    with pytest.raises(RecordError, match=said):
        encoder.encode([x], [0])


def test_an_avro_schema_of_text_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(DocumentError, match="label_schema"):
        AvroEncoder(AvroInput(data_schema=SCHEMA, label_schema='"string"'))
