"""What a site's sinks announce, in the bytes of Kafka-ML's."""

import json
from typing import Any

import pytest

from agent.federation.participant.catalogue import Catalogue, read
from agent.federation.participant.matching import Found

MESSAGE: dict[str, Any] = {
    "topic": "images:0:0:400,images:1:0:100",
    "unsupervised_topic": None,
    "input_format": "RAW",
    "description": "shapes",
    "dataset_restrictions": json.dumps({"features": {"label": {"num_classes": 3}}}),
    "input_config": {"data_type": "uint8", "label_type": "uint8", "data_reshape": "8 8 1", "label_reshape": "1"},
    "validation_rate": 0.1,
    "test_rate": 0.0,
    "total_msg": 500,
    "incremental": False,
}
AVRO = {
    "data_scheme": json.dumps({"type": "record", "name": "d", "fields": [{"name": "a", "type": "float"}]}),
    "label_scheme": json.dumps({"type": "record", "name": "l", "fields": [{"name": "b", "type": "int"}]}),
}


def catalogue(*messages: object) -> Catalogue:
    made = Catalogue()
    for offset, one in enumerate(messages):
        made.take(read(0, offset, 1_000 + offset, one if isinstance(one, bytes) else json.dumps(one).encode()))
    return made


def test_a_federated_sinks_message_describes_its_stream() -> None:
    (stream,) = catalogue(MESSAGE).streams
    assert stream.found == Found(
        shape=(8, 8, 1),
        dtype="uint8",
        label_shape=(1,),
        label_dtype="uint8",
        records=500,
        restrictions={"features": {"label": {"num_classes": 3}}},
    )
    assert str(stream) == "images"


def test_the_same_announced_twice_is_one_since_the_first_time() -> None:
    (stream,) = catalogue(MESSAGE, MESSAGE).streams
    assert stream.announced_ms == 1_000


def test_of_avro_the_schema_says_what_records_are_like() -> None:
    (stream,) = catalogue({**MESSAGE, "input_format": "AVRO", "input_config": AVRO}).streams
    assert (stream.found.shape, stream.found.dtype, stream.found.label_dtype) == ((1,), "float32", "int32")


def test_a_stream_without_an_end_has_no_count() -> None:
    (stream,) = catalogue({**MESSAGE, "topic": "images", "total_msg": None, "incremental": True}).streams
    assert stream.found.records is None
    assert str(stream) == "images"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"", "Input data was truncated"),
        (b"\x80\x04pickle", "malformed"),
        ({**MESSAGE, "total_msg": 501}, "the ranges hold 500"),
        ({**MESSAGE, "topic": "images:0:9:4"}, "after its end"),
        ({**MESSAGE, "dataset_restrictions": "{"}, "is no JSON object"),
        ({**MESSAGE, "input_format": "AVRO", "input_config": {**AVRO, "data_scheme": "{"}}, "input.data_schema"),
    ],
)
def test_what_cannot_be_read_is_kept_with_its_reason_and_the_rest_is_read(message: object, reason: str) -> None:
    made = catalogue(message, MESSAGE)
    assert len(made.streams) == 1
    assert made.refusals == 1
    assert reason in made.refused[0].refused


def test_only_the_latest_refusals_are_kept() -> None:
    made = catalogue(*(b"%d" % number for number in range(50)))
    assert made.refusals == 50
    assert [one.offset for one in made.refused] == [*range(30, 50)]
