"""What a watcher makes of records, whatever they are."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.announcements.finding import found, together
from shared.documents import decode, encode
from shared.documents.stream import AnnouncementFound
from shared.streams.ranges import Range

MESSAGE: dict[str, Any] = {
    "topic": "automl:0:0:5000",
    "unsupervised_topic": None,
    "input_format": "RAW",
    "description": "",
    "dataset_restrictions": {},
    "input_config": {"data_type": "uint8", "label_type": "uint8", "data_reshape": "28 28", "label_reshape": "1"},
    "validation_rate": 0.1,
    "test_rate": 0.1,
    "total_msg": 5000,
    "incremental": False,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def taken(key: bytes | None, value: bytes | None) -> AnnouncementFound:
    return found(1, 7, 1_700_000_000_000, key, value)


def message(**changes: Any) -> bytes:  # noqa: ANN401 - any JSON
    return json.dumps({**MESSAGE, **changes}).encode()


@pytest.mark.parametrize("key", [b"\x03", b"3"])
def test_an_announcement_is_found_by_both_forms_of_the_number(key: bytes) -> None:
    one = taken(key, message())
    assert (one.number, one.refused) == (3, "")
    assert one.announcement is not None
    assert one.announcement.ranges == (Range(topic="automl", partition=0, start=0, end=5000),)
    assert (one.partition, one.offset, one.timestamp_ms) == (1, 7, 1_700_000_000_000)


@pytest.mark.parametrize(
    ("key", "value", "reason", "number"),
    [
        (b"3", b"garbage", "not JSON", 3),
        (b"3", None, "not JSON", 3),
        (None, message(), "key: is missing", None),
        (b"3", message(topic="automl:0:9:1"), "topic: ", 3),
        (b"3", b'{"topic": ' + b"[" * 100_000, "topic", 3),
        (b"three", message(), "key: 'three' is no number", None),
    ],
)
def test_garbage_is_refused_with_the_reason(
    key: bytes | None, value: bytes | None, reason: str, number: int | None
) -> None:
    one = taken(key, value)
    assert one.announcement is None
    assert one.number == number
    assert reason in one.refused
    assert "\n" not in one.refused


@given(key=st.none() | st.binary(), value=st.none() | st.binary())
def test_whatever_bytes_a_record_holds_it_can_be_told(key: bytes | None, value: bytes | None) -> None:
    assert _arrives(taken(key, value))


@given(restrictions=st.dictionaries(st.text(max_size=3), JSON, max_size=3), description=st.text())
def test_whatever_restrictions_say_they_can_be_told(restrictions: dict[str, Any], description: str) -> None:
    assert _arrives(taken(b"3", message(dataset_restrictions=restrictions, description=description)))


@pytest.mark.parametrize("text", ['"\\ud800"', "1" * 400, "1e999", "NaN", "[" * 900 + "]" * 900])
def test_restrictions_that_json_hardly_holds_can_be_told(text: str) -> None:
    assert _arrives(taken(b"3", message(dataset_restrictions="HERE").replace(b'"HERE"', b'{"a": %b}' % text.encode())))


def test_a_message_longer_than_a_report_is_refused() -> None:
    assert "longer" in taken(b"3", message(description="x" * 3 * 2**20)).refused


@given(st.lists(st.integers(0, 500)), st.integers(1, 2000))
def test_reports_hold_all_that_was_found_in_order_and_no_more_than_they_may(lengths: list[int], most: int) -> None:
    given = [AnnouncementFound(partition=0, offset=i, timestamp_ms=0, refused="x" * n) for i, n in enumerate(lengths)]
    lots = list(together(given, most_bytes=most))
    assert [one for lot in lots for one in lot] == given
    assert all(len(lot) == 1 or sum(len(encode(one)) for one in lot) <= most for lot in lots)


def _arrives(one: AnnouncementFound) -> bool:
    return decode(encode(one), AnnouncementFound) == one and (one.announcement is None) == bool(one.refused)
