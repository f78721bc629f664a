"""Announcements made at random: written, read again, damaged; and what none may hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents import MOST_REQUEST_NUMBER
from shared.documents import decode as decode_document
from shared.documents import encode as encode_document
from shared.errors import DocumentError
from shared.streams.announcement import Announcement
from shared.streams.control_message import encode, parse, request_key
from shared.streams.inputs import AvroInput, RawInput
from shared.streams.ranges import Range, overlap

TWO = Announcement(
    ranges=(Range(topic="t", partition=0, start=0, end=5), Range(topic="t", partition=1, start=0, end=5)),
    input=RawInput(data_type="uint8", label_type="uint8"),
)

names = st.from_regex(r"[a-zA-Z0-9._-]{1,20}", fullmatch=True)
offsets = st.integers(0, 2**63 - 1) | st.integers(0, 20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
shapes = st.none() | st.lists(st.integers(1, 30), max_size=4).map(tuple)
types = st.sampled_from(["uint8", "int64", "float32", "float64", "bool_", "int", "float", "half", "double", "bool"])
inputs = st.builds(RawInput, data_type=types, label_type=types, data_shape=shapes, label_shape=shapes) | st.builds(
    AvroInput, data_schema=st.text(max_size=20), label_schema=st.text(max_size=20)
)


@st.composite
def disjoint(draw: st.DrawFn, least: int = 0) -> tuple[Range, ...]:
    """Of up to three partitions, several of one among them."""
    ranges: list[Range] = []
    for topic in draw(st.lists(names, min_size=least, max_size=3, unique=True)):
        ends = sorted(draw(st.lists(offsets, min_size=4, max_size=4)))
        pieces = draw(st.sampled_from([ends[:2], ends]))
        partition = draw(st.integers(0, 2**31 - 1))
        ranges += [
            Range(topic=topic, partition=partition, start=start, end=end)
            for start, end in zip(pieces[::2], pieces[1::2], strict=True)
        ]
    return tuple(ranges)


@st.composite
def announcements(draw: st.DrawFn) -> Announcement:
    ranges = draw(disjoint(1) | st.just(()))
    free = tuple(one for one in draw(disjoint()) if one.topic not in {other.topic for other in ranges})
    validation = draw(st.floats(0, 0.999))
    return Announcement(
        ranges=ranges,
        open_topic=None if ranges else draw(names),
        unlabelled_ranges=free,
        unlabelled_open_topic=None if free else draw(st.none() | names.map(lambda name: f"{name}-unlabelled")),
        input=draw(inputs),
        validation_rate=validation,
        test_rate=draw(st.floats(0, 0.999 - validation)),
        description=draw(st.text(max_size=20)),
        restrictions=draw(st.dictionaries(st.text(max_size=5), json_values, max_size=3)),
    )


@given(announcements(), st.integers(1, MOST_REQUEST_NUMBER))
def test_an_announcement_comes_back_as_it_was_sent(announcement: Announcement, number: int) -> None:
    assert parse(request_key(number), encode(announcement)) == (number, announcement)


@given(announcements())
def test_an_announcement_is_a_document_as_well(announcement: Announcement) -> None:
    assert decode_document(encode_document(announcement), Announcement) == announcement


@given(announcements(), st.data())
def test_damage_is_refused_or_read_and_raises_nothing_else(announcement: Announcement, data: st.DataObject) -> None:
    plain = json.loads(encode(announcement))
    member = data.draw(st.sampled_from(sorted(plain)))
    plain[member] = data.draw(json_values)
    try:
        _, found = parse(b"1", json.dumps(plain).encode())
    except DocumentError as error:
        assert str(error).encode()
    else:
        assert parse(b"1", encode(found)) == (1, found)


def test_a_document_that_breaks_a_rule_is_refused_with_its_path() -> None:
    plain = json.loads(encode_document(TWO))
    plain["ranges"][1]["end"] = -1
    with pytest.raises(DocumentError, match=r"ranges\[1\]\.end"):
        decode_document(json.dumps(plain).encode(), Announcement)
    plain["ranges"][1] = plain["ranges"][0]
    with pytest.raises(DocumentError, match="overlap"):
        decode_document(json.dumps(plain).encode(), Announcement)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8), st.integers(0, 3)), max_size=5))
def test_ranges_overlap_when_they_share_an_offset(found: list[tuple[int, int, int]]) -> None:
    ranges = [Range(topic="t", partition=one, start=start, end=start + more) for one, start, more in found]
    covered = [(one.partition, offset) for one in ranges for offset in range(one.start, one.end)]
    assert (overlap(ranges) is not None) == (len(set(covered)) < len(covered))
