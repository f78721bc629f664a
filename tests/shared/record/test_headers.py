"""A record's headers, read on arrival and written on departure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import RecordError
from shared.record import headers
from shared.record.headers import Header, Passport
from shared.record.trail import Passing, append

ID, TRAIL = (
    bytes(range(16)),
    append(None, Passing(node="edge-1", boot_id=bytes(8), version=1, received_us=1, inferred_us=2, sent_us=3), 0.5),
)
foreign = st.tuples(st.text(max_size=5).filter(lambda name: name not in headers.OWN), st.none() | st.binary(max_size=5))
times = st.integers(-(2**63), 2**63 - 1)


def test_a_record_without_headers_says_nothing_of_itself() -> None:
    assert headers.read(()) == Passport()


@given(st.lists(foreign), st.binary(min_size=16, max_size=16), times, st.binary(), st.text())
def test_what_departs_is_what_arrives(others: list[Header], id: bytes, time_us: int, tensor: bytes, model: str) -> None:
    sent = headers.for_forward(others, id=id, time_us=time_us, tensor=tensor, model=model, trail=TRAIL)
    expected = Passport(id=id, time_us=time_us, tensor=tensor, model=model, trail=TRAIL, others=tuple(others))
    assert headers.read(sent) == headers.read(tuple(sent)) == expected


@given(st.lists(foreign), times)
def test_an_answer_carries_every_foreign_header(others: list[Header], time_us: int) -> None:
    answered = headers.read(headers.for_answer(others, id=ID, time_us=time_us))
    assert answered == Passport(id=ID, time_us=time_us, others=tuple(others))


def test_trace_context_is_passed_on() -> None:
    trace = ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    passport = headers.read([trace, ("fogline-id", ID)])
    assert trace in headers.for_answer(passport.others, id=ID, time_us=0)


def test_of_a_header_sent_twice_the_last_one_counts_but_foreign_ones_are_kept() -> None:
    passport = headers.read([("fogline-id", b"short"), ("a", b"1"), ("fogline-id", ID), ("a", b"2")])
    assert passport == Passport(id=ID, others=(("a", b"1"), ("a", b"2")))


def test_a_header_without_a_value_counts_as_missing() -> None:
    names = ("fogline-id", "fogline-time", "fogline-tensor", "fogline-model", "fogline-trail")
    assert headers.read([(name, None) for name in names]) == Passport()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("fogline-id", b"x" * 15, "15 bytes instead of 16"),
        ("fogline-time", b"", "0 bytes instead of 8"),
        ("fogline-model", b"\xff", "not UTF-8"),
        ("fogline-trail", b"", "damaged"),
        ("fogline-trail", b"\x91\x01", "damaged"),
        ("fogline-trail", b"\x9f" + TRAIL[1:] * 15, "15 entries already"),
    ],
)
def test_a_damaged_header_is_refused(name: str, value: bytes, reason: str) -> None:
    with pytest.raises(RecordError, match=reason):
        headers.read([(name, value)])


@given(st.lists(st.tuples(st.sampled_from([*headers.OWN, "other"]), st.none() | st.binary(max_size=40))))
def test_garbage_raises_record_error_and_nothing_else(sent: list[Header]) -> None:
    try:
        headers.read(sent)
    except RecordError:
        return
