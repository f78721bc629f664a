"""A record that was delivered again must get the id it had, and no other record the same one."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from shared.record import headers
from shared.record.identity import derive_id, derive_time_us


def test_an_id_never_changes_from_one_release_to_the_next() -> None:
    assert derive_id("cluster", "images", 1, 2, 3).hex() == "7a54a5d9815965097bf4a68920d7a6fd"


def test_every_part_of_the_place_counts() -> None:
    places = list(product(("a", "b"), ("t1", "t11"), (1, 11), (1, 11, 111), (1, 2)))
    ids = {derive_id(*place) for place in places}
    assert len(ids) == len(places)
    assert {len(id) for id in ids} == {16}


@given(st.integers(-1, 2**63 - 1))
def test_any_kafka_timestamp_fits_the_header(timestamp_ms: int) -> None:
    time_us = derive_time_us(timestamp_ms)
    sent = headers.for_answer((), id=bytes(16), time_us=time_us)
    assert headers.read(sent).time_us == time_us


def test_a_time_is_kafkas_in_microseconds() -> None:
    assert derive_time_us(1_700_000_000_123) == 1_700_000_000_123_000
    assert derive_time_us(-1) == 0
