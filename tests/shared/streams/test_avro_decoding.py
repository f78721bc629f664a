"""Bare Avro data as tensors: one vector of numbers, its type and length from the schema as far as that says them."""

import io
import json
from typing import Any

import fastavro
import numpy as np
import pytest

from shared.errors import DocumentError
from shared.streams.decoding import stream_decoder
from shared.streams.inputs import AvroInput

F32 = np.dtype("float32")
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


def datum(schema: Any, value: object) -> bytes:  # noqa: ANN401 - fastavro ships no types
    target = io.BytesIO()
    fastavro.schemaless_writer(target, schema, value)
    return target.getvalue()


def avro(data: object, label: object = "boolean") -> AvroInput:
    return AvroInput(data_schema=json.dumps(data, indent=1), label_schema=json.dumps(label))


def test_avro_fields_in_schema_order_are_one_vector() -> None:
    decoder = stream_decoder(avro(PATIENT, DIAGNOSIS))
    assert (decoder.shape, decoder.dtype, decoder.label_shape, decoder.label_dtype) == (
        (3,),
        F32,
        (1,),
        np.dtype("bool"),
    )
    values = [
        datum(PATIENT, {"smoking": 3, "age": 2, "gender": 1}),
        datum(PATIENT, {"smoking": 6, "age": 5, "gender": 4}),
    ]
    keys = [datum(DIAGNOSIS, {"diagnosis": True}), datum(DIAGNOSIS, {"diagnosis": False})]
    found = decoder.decode_many(values, keys)
    assert found.x.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert found.y is not None
    assert found.y.tolist() == [[True], [False]]
    assert found.faults == []


def test_avro_lists_lie_in_the_vector_and_leave_its_length_open() -> None:
    decoder = stream_decoder(avro(SERIES))
    assert (decoder.shape, decoder.dtype) == (None, np.dtype("float64"))
    values = [datum(SERIES, {"at": at, "readings": [0.5] * many}) for at, many in ((1, 2), (2, 3), (3, 2))]
    found = decoder.decode_many(values, [b"\x01"] * 3)
    assert found.x.tolist() == [[1, 0.5, 0.5], [3, 0.5, 0.5]]
    assert found.faults == [(1, "the value holds 4 numbers instead of 3")]


@pytest.mark.parametrize(
    ("types", "dtype"),
    [
        (("float", "float"), "float32"),
        (("int", "float"), "float64"),
        (("boolean", "float"), "float32"),
        (("boolean", "int"), "int32"),
        (("int", "long"), "int64"),
        ((["null", "double"], "float"), "float64"),
        ((["int", "float"], "float"), "float64"),
    ],
)
def test_avro_elements_are_of_the_type_that_holds_every_field(types: tuple[object, ...], dtype: str) -> None:
    fields = [{"name": f"field{index}", "type": one} for index, one in enumerate(types)]
    schema = {"type": "record", "name": "Mixed", "fields": fields}
    decoder = stream_decoder(avro(schema))
    assert (decoder.dtype, decoder.shape) == (np.dtype(dtype), (2,))
    value = datum(schema, {"field0": True if types[0] == "boolean" else 1, "field1": 2})
    assert decoder.decode(value, b"\x01").x.tolist() == [1, 2]


@pytest.mark.parametrize(
    "schema",
    [
        "",
        "5",
        '"string"',
        '["null"]',
        '{"type": "long", "logicalType": "timestamp-millis"}',
        '{"type": "record", "name": "None", "fields": []}',
        '{"type": "record", "name": "Text", "fields": [{"name": "a", "type": "bytes"}]}',
        '{"type": "record", "name": "Map", "fields": [{"name": "a", "type": {"type": "map", "values": "int"}}]}',
        '{"type": "record", "name": "List", "fields": [{"name": "next", "type": ["null", "List"]}]}',
        '{"type": "enum", "name": "Colour", "symbols": ["RED"]}',
    ],
)
def test_an_avro_schema_of_more_than_numbers_is_refused_before_the_first_record(schema: str) -> None:
    for found, field in (
        (AvroInput(data_schema=schema, label_schema='"int"'), "input.data_schema"),
        (AvroInput(data_schema='"int"', label_schema=schema), "input.label_schema"),
    ):
        with pytest.raises(DocumentError) as raised:
            stream_decoder(found)
        assert raised.value.field == field
