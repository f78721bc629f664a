import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.links.recovery import FIRST_TIMEOUT_S, MOST_TIMEOUT_S, resumes_at, stall_s, timeout_s


@pytest.mark.parametrize(
    ("losses", "following", "expected_s"),
    [(0, 0, 0.0), (1, 0, 0.2), (1, 2, 0.2), (2, 0, 0.6), (3, 0, 1.4), (1, 3, 0.04), (2, 3, 0.24)],
)
def test_a_stall_is_a_round_trip_or_timeouts_that_double(losses: int, following: int, expected_s: float) -> None:
    assert stall_s(losses, round_trip_s=0.04, following=following) == pytest.approx(expected_s)


def test_the_timeout_is_two_round_trips_on_a_long_way() -> None:
    assert timeout_s(0.6) == pytest.approx(1.2)


def test_a_handshake_waits_a_second() -> None:
    assert stall_s(1, round_trip_s=0.04, following=0, first_timeout_s=FIRST_TIMEOUT_S) == pytest.approx(1.0)


def test_after_an_outage_the_next_attempt_is_one_of_the_doubling_ones() -> None:
    assert resumes_at(10.0, 10.1, 0.2) == pytest.approx(10.2)
    assert resumes_at(10.0, 10.5, 0.2) == pytest.approx(10.6)
    assert resumes_at(10.0, 11.5, 0.2) == pytest.approx(13.0)


@given(st.floats(0, 1e4), st.floats(0.2, 10))
def test_the_silence_after_an_outage_is_no_longer_than_it_or_the_longest_timeout(
    outage_s: float, first_s: float
) -> None:
    silence_s = resumes_at(0.0, outage_s, first_s) - outage_s
    assert 0 <= silence_s <= min(MOST_TIMEOUT_S, max(first_s, outage_s + first_s)) + 1e-9
