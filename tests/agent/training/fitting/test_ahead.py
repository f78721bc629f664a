"""One item ahead and no further, the same items in the same order."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.fitting.ahead import ahead


@given(st.lists(st.integers()))
def test_the_items_are_the_same_in_the_same_order(items: list[int]) -> None:
    assert list(ahead(iter(items))) == items


def test_it_is_one_item_ahead_and_no_further() -> None:
    made: list[int] = []
    second = threading.Event()

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    with closing(ahead(items())) as found:
        assert next(found) == 0
        assert second.wait(60)
        assert made == [0, 1]
        assert next(found) == 1


def test_what_fails_fails_in_its_place_and_for_whoever_reads() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the disk")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(OSError, match="the disk"):
        next(found)


def test_nothing_of_it_is_left_when_it_is_closed_half_way() -> None:
    before = threading.active_count()
    with closing(ahead(iter(range(10)))) as found:
        next(found)
    assert threading.active_count() == before
