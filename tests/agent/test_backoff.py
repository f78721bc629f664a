from hypothesis import given
from hypothesis import strategies as st

from agent.backoff import Backoff

BACKOFF = Backoff(first_s=0.5, cap_s=60.0)


@given(failures=st.integers(1, 10**9), jitter=st.floats(0, 1, exclude_max=True))
def test_a_delay_lies_between_half_of_the_first_and_the_cap(failures: int, jitter: float) -> None:
    assert 0.25 <= BACKOFF.delay_s(failures, jitter=jitter) <= 60.0


@given(failures=st.integers(1, 100), jitter=st.floats(0, 1, exclude_max=True))
def test_more_failures_never_shorten_the_delay(failures: int, jitter: float) -> None:
    assert BACKOFF.delay_s(failures, jitter=jitter) <= BACKOFF.delay_s(failures + 1, jitter=jitter)
