"""The trail: short on the wire, appended to without being read, whole again at the end."""

import math
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import RecordError
from shared.record import headers, trail
from shared.record.size import record_size
from shared.record.trail import Passing, TrailEntry

instants = st.integers(0, 2**60)
passings = st.builds(
    Passing,
    node=st.text(max_size=63),
    boot_id=st.binary(min_size=8, max_size=8),
    version=st.integers(1, 2**31 - 1),
    received_us=instants,
    inferred_us=instants,
    sent_us=instants,
)
EDGE = Passing(
    node="edge-1", boot_id=bytes(8), version=3, received_us=10**11, inferred_us=10**11 + 900, sent_us=10**11 + 1800
)


def entry(passing: Passing, confidence: float | None) -> TrailEntry:
    common = msgspec.structs.asdict(passing) | {"boot_id": passing.boot_id.hex()}
    return TrailEntry(**common, confidence=confidence)


@given(st.lists(st.tuples(passings, st.none() | st.floats(0, 1, width=32)), min_size=1, max_size=trail.MOST_ENTRIES))
def test_a_trail_holds_every_tier_in_order(passed: list[tuple[Passing, float | None]]) -> None:
    encoded: bytes | None = None
    for passing, confidence in passed:
        if encoded is not None:
            trail.check(encoded)
        encoded = trail.append(encoded, passing, confidence)
    assert trail.parse(encoded) == tuple(entry(passing, confidence) for passing, confidence in passed)


def test_a_record_that_passed_no_tier_has_no_trail() -> None:
    assert trail.parse(None) == ()


def test_a_batch_differs_only_in_confidence_and_past() -> None:
    earlier = trail.append(None, EDGE, 0.25)
    both = trail.append_all([None, earlier], EDGE, [0.5, None])
    assert both == [trail.append(None, EDGE, 0.5), trail.append(earlier, EDGE, None)]


def test_a_trail_is_full_after_fifteen_tiers() -> None:
    full = trail.append(None, EDGE, None)
    for _ in range(14):
        full = trail.append(full, EDGE, None)
    assert len(trail.parse(full)) == 15
    for refuse in (trail.check, lambda encoded: trail.append(encoded, EDGE, None)):
        with pytest.raises(RecordError, match="15 entries already"):
            refuse(full)


def test_the_headers_of_a_forwarded_record_stay_below_180_bytes() -> None:
    sent = headers.for_forward(
        (),
        id=bytes(16),
        time_us=0,
        tensor=bytes(27),
        model="fashion-mnist/1",
        trail=trail.append(None, EDGE, 0.5),
    )
    assert record_size(None, None, sent) - record_size(None, None, ()) < 180


@given(st.binary(max_size=80) | st.binary(max_size=60).map(b"\x91\x97".__add__))
def test_garbage_raises_record_error_and_nothing_else(encoded: bytes) -> None:
    for read in (trail.check, trail.parse):
        with suppress(RecordError):
            read(encoded)


wild = st.none() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=3) | st.binary(max_size=3)


@given(st.lists(st.lists(wild, min_size=7, max_size=7), max_size=3))
def test_a_trail_that_was_checked_can_be_shown(entries: list[list[object]]) -> None:
    encoded = msgspec.msgpack.encode(entries)
    try:
        trail.check(encoded)
    except RecordError:
        return
    msgspec.json.encode(trail.parse(trail.append(encoded, EDGE, math.nan)))


def test_absurd_times_are_refused_on_arrival() -> None:
    encoded = msgspec.msgpack.encode([("node", b"", 1, 2**63, 2**63, 0, None)])
    with pytest.raises(RecordError):
        trail.check(encoded)
    latest = msgspec.msgpack.encode([("node", b"", 1, 2**62, 2**62, 0, math.inf)])
    trail.check(latest)
    assert b'"inferred_us":9223372036854775808' in msgspec.json.encode(trail.parse(latest))
