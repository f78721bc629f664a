"""What sensors send: bare bytes, JSON, Avro. A bad record gets its reason and leaves the others alone."""

import io
import json
from collections.abc import Sequence
from typing import Any

import fastavro
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import Decoder, DecoderKind, DType, TensorSpec
from shared.errors import DocumentError, RecordError
from shared.record.decoded import Decoded
from shared.record.decoders import decoder_for

SQUARE = TensorSpec(dtype=DType.FLOAT32, shape=(2, 2))
BYTE = TensorSpec(dtype=DType.UINT8, shape=(2,))
NUMBER = TensorSpec(dtype=DType.FLOAT64, shape=())
RAW = Decoder()
JSON = Decoder(kind=DecoderKind.JSON)
JSON_FIELD = Decoder(kind=DecoderKind.JSON, field="a reading")

SENSOR = {
    "type": "record",
    "name": "Reading",
    "fields": [
        {"name": "first", "type": "float"},
        {"name": "second", "type": "int"},
        {"name": "rest", "type": {"type": "array", "items": "double"}},
    ],
}
PLACE = {"type": "record", "name": "Place", "fields": [{"name": "name", "type": "string"}, *SENSOR["fields"]]}


def avro(schema: object, field: str | None = None) -> Decoder:
    return Decoder(kind=DecoderKind.AVRO, schema=json.dumps(schema), field=field)


def datum(schema: Any, value: object) -> bytes:  # noqa: ANN401 - fastavro ships no types
    target = io.BytesIO()
    fastavro.schemaless_writer(target, schema, value)
    return target.getvalue()


def decode(decoder: Decoder, spec: TensorSpec, *values: bytes | None) -> Decoded:
    return decoder_for(decoder, spec)(values, [None] * len(values))


def reason(decoder: Decoder, spec: TensorSpec, value: bytes | None) -> str:
    decoded = decode(decoder, spec, value)
    assert list(decoded.kept) == []
    return str(decoded.errors[0])


def test_bare_bytes_need_nothing_else() -> None:
    assert decode(RAW, BYTE, b"\x01\xff", b"\x00\x02").batch.tolist() == [[1, 255], [0, 2]]
    assert "too short" in reason(RAW, BYTE, b"\x01")


@pytest.mark.parametrize(
    "text",
    ["[[1,2],[3,4]]", "[1,2,3,4]", '{"values":[[1,2],[3,4.0]]}', ' {"time": 5, "values": [1, 2, 3, 4e0]} '],
)
def test_json_is_a_list_nested_lists_or_an_object(text: str) -> None:
    assert decode(JSON, SQUARE, text.encode()).batch.tolist() == [[[1, 2], [3, 4]]]


def test_json_of_a_named_member() -> None:
    assert decode(JSON_FIELD, SQUARE, b'{"a reading":[1,2,3,4],"values":0}').batch.tolist() == [[[1, 2], [3, 4]]]
    assert "a reading" in reason(JSON_FIELD, SQUARE, b'{"values":[1,2,3,4]}')
    assert "got `array`" in reason(JSON_FIELD, SQUARE, b"[1,2,3,4]")


def test_json_of_one_number() -> None:
    assert decode(JSON, NUMBER, b"1.5", b'{"values":2}', b"[3]").batch.tolist() == [1.5, 2, 3]


@pytest.mark.parametrize(
    ("spec", "text", "why"),
    [
        (SQUARE, "[1,2,3]", "the shape is [3], expected is [2, 2]"),
        (SQUARE, "[[1,2,3,4]]", "the shape is [1, 4], expected is [2, 2]"),
        (SQUARE, "[[1,2],[3]]", "not of the shape [2, 2]"),
        (SQUARE, "[[[1,2],[3,4]]]", "Expected `float`, got `array`"),
        (SQUARE, '["1",2,3,4]', "Expected `float`, got `str`"),
        (SQUARE, "[null,2,3,4]", "Expected `float`, got `null`"),
        (SQUARE, "[true,2,3,4]", "Expected `float`, got `bool`"),
        (SQUARE, "[NaN,2,3,4]", "not the JSON expected"),
        (SQUARE, "[1e39,2,3,4]", "NaN or an infinity"),
        (SQUARE, "[1e999,2,3,4]", "not the JSON expected"),
        (SQUARE, "[1,2,3,4", "truncated"),
        (SQUARE, "", "truncated"),
        (SQUARE, "{}", "missing required field `values`"),
        (BYTE, "[1,256]", "Expected `int` <= 255"),
        (BYTE, "[1,-1]", "Expected `int` >= 0"),
        (BYTE, f"[1,{10**30}]", "Expected `int`"),
        (BYTE, "[1,1.5]", "Expected `int`, got `float`"),
        (TensorSpec(dtype=DType.BOOL, shape=(1,)), "[1]", "Expected `bool`, got `int`"),
        (TensorSpec(dtype=DType.INT64, shape=(1,)), f"[{2**63}]", "Expected `int`"),
        (TensorSpec(dtype=DType.FLOAT16, shape=(1,)), "[1e5]", "NaN or an infinity"),
    ],
)
def test_json_takes_nothing_for_a_number_that_is_none(spec: TensorSpec, text: str, why: str) -> None:
    assert why in reason(JSON, spec, text.encode())


def test_json_nested_too_deeply_for_the_reader_is_a_record_error() -> None:
    assert reason(JSON, SQUARE, b"[" * 100_000)


def test_avro_fields_in_schema_order_are_one_vector() -> None:
    value = datum(SENSOR, {"rest": [3, 4], "second": 2, "first": 1})
    assert decode(avro(SENSOR), SQUARE, value).batch.tolist() == [[[1, 2], [3, 4]]]


def test_avro_of_a_named_field() -> None:
    value = datum(PLACE, {"name": "roof", "first": 1, "second": 2, "rest": [5, 6, 7, 8]})
    assert decode(avro(PLACE, "rest"), SQUARE, value).batch.tolist() == [[[5, 6], [7, 8]]]
    assert "got `str`" in reason(avro(PLACE), SQUARE, value)


def test_avro_without_a_record() -> None:
    schema = {"type": "array", "items": {"type": "array", "items": "float"}}
    assert decode(avro(schema), SQUARE, datum(schema, [[1, 2], [3, 4]])).batch.tolist() == [[[1, 2], [3, 4]]]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (datum(SENSOR, {"rest": [3, 4], "second": 2, "first": 1}) + b"\x00", "1 bytes after the Avro datum"),
        (datum(SENSOR, {"rest": [3], "second": 2, "first": 1}), "the shape is [3], expected is [2, 2]"),
        (datum(SENSOR, {"rest": [3, float("nan")], "second": 2, "first": 1}), "NaN or an infinity"),
        (b"\x00\x00", "no Avro datum"),
        (b"", "no Avro datum"),
        (None, "no Avro datum"),
    ],
)
def test_avro_takes_exactly_one_datum(value: bytes | None, why: str) -> None:
    assert why in reason(avro(SENSOR), SQUARE, value)


def test_an_avro_schema_is_checked_before_the_first_record() -> None:
    for schema in ("", "{", '{"type": "nothing"}', "5"):
        with pytest.raises(DocumentError, match="not an Avro schema"):
            decoder_for(Decoder(kind=DecoderKind.AVRO, schema=schema), SQUARE)
    with pytest.raises(DocumentError, match=r"decoder\.field: the schema has no field 'third'"):
        decoder_for(avro(SENSOR, "third"), SQUARE)


fragments = st.sampled_from([b"[", b"]", b"{", b"}", b'"values"', b":", b",", b"1", b"-", b"1e5", b"null", b"9" * 30])
garbage = st.binary(max_size=30) | st.lists(fragments, max_size=9).map(b"".join)


@given(
    st.lists(st.none() | garbage, max_size=5),
    st.sampled_from([RAW, JSON, JSON_FIELD, avro(SENSOR), avro(PLACE, "rest"), avro("bytes"), avro(["null", "float"])]),
    st.sampled_from([SQUARE, BYTE, NUMBER]),
)
def test_garbage_gives_record_errors_and_nothing_else(
    values: Sequence[bytes | None], decoder: Decoder, spec: TensorSpec
) -> None:
    decoded = decode(decoder, spec, *values)
    assert all(isinstance(error, RecordError) and str(error).encode() for error in decoded.errors.values())
    assert sorted([*decoded.kept, *decoded.errors]) == list(range(len(values)))
    assert decoded.batch.shape == (len(decoded.kept), *spec.shape)
    assert np.isfinite(decoded.batch).all()
