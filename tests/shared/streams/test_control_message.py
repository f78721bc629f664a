"""Announcements as Kafka-ML's clients write them: what is read from them, what is refused, what is written back."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.documents import MOST_REQUEST_NUMBER, NEVER_REQUEST_NUMBERS
from shared.errors import DocumentError
from shared.streams.announcement import Announcement
from shared.streams.control_message import (
    encode,
    parse,
    request_key,
    request_number,
)
from shared.streams.inputs import AvroInput, RawInput
from shared.streams.ranges import Range

# As observed: the bytes of a sink that sent CIFAR-10.
CIFAR10 = b"""{"topic": "automl:0:0:5000,automl:1:0:5000", "unsupervised_topic": null, "input_format": "RAW",
 "description": "Cifar10 dataset", "dataset_restrictions": {}, "input_config": {"data_type": "uint8",
 "label_type": "uint8", "data_reshape": "32 32 3", "label_reshape": "1"}, "validation_rate": 0.1, "test_rate": 0.1,
 "total_msg": 10000, "incremental": false}"""
MESSAGE: dict[str, Any] = json.loads(CIFAR10)
RAW = RawInput(data_type="uint8", label_type="uint8", data_shape=(32, 32, 3), label_shape=(1,))
SCHEMA = '{\n "type": "record",\n "name": "Patient",\n "fields": [{"name": "age", "type": "float"}]\n}\n'


def message(**changes: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps({**MESSAGE, **changes}).encode()


def config(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {**MESSAGE["input_config"], **changes}


def announced(**changes: Any) -> Announcement:  # noqa: ANN401 - any JSON
    return parse(b"7", message(**changes))[1]


def refused(key: bytes | None, value: bytes | None) -> DocumentError:
    with pytest.raises(DocumentError) as raised:
        parse(key, value)
    return raised.value


def test_what_a_sink_of_kafka_ml_announces() -> None:
    number, announcement = parse(b"\x03", CIFAR10)
    assert number == 3
    assert announcement == Announcement(
        ranges=(
            Range(topic="automl", partition=0, start=0, end=5000),
            Range(topic="automl", partition=1, start=0, end=5000),
        ),
        input=RAW,
        validation_rate=0.1,
        test_rate=0.1,
        description="Cifar10 dataset",
    )
    assert (announcement.total, announcement.is_online) == (10_000, False)


def test_it_is_written_back_member_by_member_in_order() -> None:
    written = json.loads(encode(parse(b"3", CIFAR10)[1]))
    assert written == MESSAGE
    assert list(written) == list(MESSAGE)
    assert list(written["input_config"]) == list(MESSAGE["input_config"])


def test_an_avro_sink_announces_its_schemas() -> None:
    found = announced(input_format="AVRO", input_config={"data_scheme": SCHEMA, "label_scheme": '"boolean"'})
    assert found.input == AvroInput(data_schema=SCHEMA, label_schema='"boolean"')


def test_a_federated_sink_writes_its_restrictions_as_text() -> None:
    restrictions = {"classes": [0, 1], "site": {"country": "ES"}}
    assert announced(dataset_restrictions=json.dumps(restrictions)).restrictions == restrictions
    assert announced(dataset_restrictions=restrictions).restrictions == restrictions
    assert announced(dataset_restrictions="{}").restrictions == {}


def test_an_online_sink_announces_a_bare_topic() -> None:
    found = announced(topic="automl", total_msg=None, incremental=True, test_rate=0)
    assert (found.open_topic, found.ranges) == ("automl", ())
    assert (found.total, found.is_online) == (None, True)


def test_an_online_sink_with_unlabelled_data_announces_ranges_and_a_bare_topic() -> None:
    found = announced(topic="automl:0:10:20", unsupervised_topic="unlabelled", total_msg=10, incremental=True)
    assert (found.total, found.open_topic) == (10, None)
    assert (found.unlabelled_open_topic, found.unlabelled_total, found.is_online) == ("unlabelled", None, True)


def test_a_batch_with_unlabelled_data_announces_ranges_of_both() -> None:
    found = announced(unsupervised_topic="other:0:5:5,other:1:0:3")
    assert [str(one) for one in found.unlabelled_ranges] == ["other:0:5:5", "other:1:0:3"]
    assert (found.total, found.unlabelled_total, found.is_online) == (10_000, 3, False)


def test_the_total_counts_the_labelled_records_alone() -> None:
    assert refused(b"1", message(unsupervised_topic="other:0:0:3", total_msg=10_003)).field == "total_msg"


def test_a_topic_that_had_no_partitions_yet_has_no_unlabelled_records() -> None:
    assert announced(unsupervised_topic="").unlabelled_ranges == ()


def test_an_older_client_leaves_members_out() -> None:
    old = {name: MESSAGE[name] for name in ("topic", "input_format", "input_config")}
    found = parse(b"1", json.dumps(old).encode())[1]
    assert (found.validation_rate, found.test_rate, found.description, found.restrictions) == (0, 0, "", {})


def test_members_of_a_later_client_are_passed_over() -> None:
    assert announced(colour="red", input_config=config(more=1)) == announced()


def test_empty_ranges_are_announced_like_others() -> None:
    assert announced(topic="automl:0:7:7", total_msg=0).total == 0


@pytest.mark.parametrize(
    ("text", "shape"), [(None, None), ("1", (1,)), ("32 32 3", (32, 32, 3)), ("", ()), (" 2  3 ", (2, 3))]
)
def test_shapes(text: str | None, shape: tuple[int, ...] | None) -> None:
    found = announced(input_config=config(data_reshape=text)).input
    assert isinstance(found, RawInput)
    assert found.data_shape == shape


@pytest.mark.parametrize(
    ("key", "number"),
    [
        (b"\x01", 1),
        (b"\xff", 255),
        (b"1", 1),
        (b"9", 9),
        (b"42", 42),
        (b"007", 7),
        (b"\x00\x00\x01\x2c", 300),
        (b"300", 300),
        (b"2147483647", MOST_REQUEST_NUMBER),
        (b"\x7f\xff\xff\xff", MOST_REQUEST_NUMBER),
        (bytes(19) + b"\x05", 5),
    ],
)
def test_the_key_is_the_requests_number(key: bytes, number: int) -> None:
    assert request_number(key) == number


@pytest.mark.parametrize(
    "key",
    [
        None,
        b"",
        b"\x00",
        b"0",
        b"2147483648",
        b"\x80\x00\x00\x00",
        b"request",
        "request ½".encode(),
        b"1" * 5000,
        b"-10000",
    ],
)
def test_a_key_that_is_no_number_is_refused(key: bytes | None) -> None:
    error = refused(key, CIFAR10)
    assert error.field == "key"
    assert "send the number of the training request" in str(error)
    assert len(str(error)) < 250


@given(st.integers(1, MOST_REQUEST_NUMBER))
@example(48)
def test_a_number_comes_back_from_the_key_written_for_it(number: int) -> None:
    assert request_number(request_key(number)) == number


def test_one_byte_says_its_number_unless_that_is_never_given() -> None:
    given_ones = [number for number in range(1, 256) if number not in NEVER_REQUEST_NUMBERS]
    assert [request_number(bytes([number])) for number in given_ones] == given_ones
    assert [chr(number) for number in NEVER_REQUEST_NUMBERS] == list("0123456789")


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"topic": ""}, "topic", "neither ranges nor an open topic"),
        ({"topic": None}, "topic", "neither ranges nor an open topic"),
        ({"topic": 5}, "topic", "Expected `str | null`, got `int`"),
        ({"topic": "automl:0:0"}, "topic", "'automl:0:0' is no range"),
        ({"topic": "automl:0:0:5000,"}, "topic", "'' is no range: write topic:partition:start:end"),
        ({"topic": "automl:0:0:5000, automl:1:0:5000"}, "topic", "' automl:1:0:5000' is no range"),
        ({"topic": "automl:0:-1:5000"}, "topic", "'automl:0:-1:5000' is no range"),
        ({"topic": "automl:0:5:\u0665"}, "topic", "is no range"),
        ({"topic": "automl:0:9:5"}, "topic", "starts at offset 9, after its end 5"),
        ({"topic": "automl:0:0:5000\n"}, "topic", "is no range"),
        ({"topic": "automl:0:0:9223372036854775808"}, "topic", "greater than Kafka knows"),
        ({"topic": "automl:2147483648:0:1"}, "topic", "greater than Kafka knows"),
        ({"topic": f"automl:0:0:{'9' * 5000}"}, "topic", "is no range"),
        ({"topic": "automl:0:0:5,automl:0:4:9"}, "topic", "automl:0:0:5 and automl:0:4:9 overlap"),
        ({"topic": "aut oml"}, "topic", "'aut oml' is neither ranges nor the name of a topic"),
        ({"topic": "a" * 250}, "topic", "neither ranges nor the name"),
        ({"unsupervised_topic": "other:0:5"}, "unsupervised_topic", "is no range"),
        ({"unsupervised_topic": "o:0:0:9,o:0:8:9"}, "unsupervised_topic", "overlap"),
        ({"unsupervised_topic": "automl:1:4999:5001"}, "unsupervised_topic", "one has labels, the other has none"),
        (
            {"topic": "one", "unsupervised_topic": "one", "total_msg": None, "incremental": True},
            "unsupervised_topic",
            "with labels come on this topic",
        ),
        ({"input_format": "JSON"}, "input_format", "'JSON' is unknown: send RAW or AVRO"),
        ({"input_format": None}, "input_format", "Expected `str`"),
        ({"input_config": None}, "input_config", "Expected `object`"),
        ({"input_config": {}}, "input_config", "missing required field `data_type`"),
        ({"input_format": "AVRO"}, "input_config", "missing required field `data_scheme`"),
        ({"input_config": config(data_type=None)}, "input_config.data_type", "Expected `str`, got `null`"),
        ({"input_config": config(data_type="str")}, "input_config.data_type", "'str' is no type of numbers"),
        ({"input_config": config(label_type=">f4")}, "input_config.label_type", "'>f4' is no type of numbers"),
        ({"input_config": config(data_reshape="32x32")}, "input_config.data_reshape", "'32x32' is no shape"),
        ({"input_config": config(data_reshape="-1 28")}, "input_config.data_reshape", "'-1 28' is no shape"),
        ({"input_config": config(label_reshape="0")}, "input_config.label_reshape", "'0' is no shape"),
        ({"input_config": config(label_reshape="²")}, "input_config.label_reshape", "is no shape"),
        ({"input_config": config(data_reshape="1 " * 9)}, "input_config.data_reshape", "more than 8 dimensions"),
        ({"input_config": config(data_reshape="65536 65536")}, "input_config.data_reshape", "more than Kafka takes"),
        ({"input_config": config(data_reshape=[32])}, "input_config.data_reshape", "Expected `str | null`"),
        ({"validation_rate": -0.1}, "validation_rate", "must be a share from 0 to 1"),
        ({"validation_rate": "0.1"}, "validation_rate", "Expected `float`"),
        ({"test_rate": 1.5}, "test_rate", "must be a share from 0 to 1"),
        ({"test_rate": 0.9}, "validation_rate", "leave nothing to train on"),
        ({"test_rate": 1, "validation_rate": 0}, "validation_rate", "leave nothing to train on"),
        ({"dataset_restrictions": "{"}, "dataset_restrictions", "'{' is no JSON object"),
        ({"dataset_restrictions": "[]"}, "dataset_restrictions", "'[]' is no JSON object"),
        ({"dataset_restrictions": ""}, "dataset_restrictions", "'' is no JSON object"),
        ({"dataset_restrictions": "[" * 100_000}, "dataset_restrictions", "is no JSON object"),
        ({"dataset_restrictions": []}, "dataset_restrictions", "Expected `"),
        ({"description": 5}, "description", "Expected `str | null`"),
        ({"total_msg": 9999}, "total_msg", "is 9999, but the ranges hold 10000"),
        ({"total_msg": 1e4 + 0.5}, "total_msg", "Expected `int | null`"),
        ({"topic": "automl", "incremental": True}, "total_msg", "is 10000, but an open topic has no total"),
        ({"topic": "automl", "total_msg": None}, "incremental", "a bare topic name has no end: name ranges"),
        ({"incremental": True}, "incremental", "is true, but all ranges have an end"),
    ],
)
def test_a_bad_member_is_named_with_what_to_do(changes: dict[str, Any], field: str, why: str) -> None:
    error = refused(b"1", message(**changes))
    assert error.field == field
    assert why in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    "value", [None, b"", b"{", b"[]", b"null", b"\xff\xfe", b"5", b'{"topic": "a:0:0:0"}', b"[" * 99]
)
def test_garbage_is_refused(value: bytes | None) -> None:
    assert refused(b"1", value)


@given(st.binary(max_size=8), st.binary(max_size=40))
def test_noise_raises_document_errors_and_nothing_else(key: bytes, value: bytes) -> None:
    with pytest.raises(DocumentError):
        parse(key, value)


def test_an_announcement_is_read_without_numpy_which_the_control_plane_may_not_import() -> None:
    script = "import sys, shared.streams.control_message; print('numpy' in sys.modules)"
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "False"
