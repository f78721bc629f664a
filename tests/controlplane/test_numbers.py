"""Numbers of training requests: the least that is free, and none that reads as a digit."""

from hypothesis import given
from hypothesis import strategies as st

from controlplane.numbers import least_free
from shared.documents import NEVER_REQUEST_NUMBERS


@given(st.sets(st.integers(1, 70)))
def test_the_least_free_number_is_given(taken: set[int]) -> None:
    number = least_free(taken)
    assert number not in taken
    assert number not in NEVER_REQUEST_NUMBERS
    assert set(range(1, number)) - set(NEVER_REQUEST_NUMBERS) <= taken


def test_the_digits_are_passed_over() -> None:
    assert least_free(range(1, 48)) == 58
