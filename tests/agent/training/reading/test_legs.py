from hypothesis import given
from hypothesis import strategies as st

from agent.training.reading.legs import Leg, legs
from shared.streams.ranges import Range


def _range(partition: int, start: int, end: int) -> Range:
    return Range(topic="data", partition=partition, start=start, end=end)


def _leg(partition: int, start: int, end: int) -> Leg:
    return Leg(origin=("data", partition), start=start, end=end)


def test_legs_go_by_partition_and_offset_and_leave_out_what_is_empty() -> None:
    ranges = [_range(1, 0, 5), _range(0, 20, 30), _range(0, 3, 3), _range(0, 0, 10)]
    assert legs(ranges, {}) == (_leg(0, 0, 10), _leg(0, 20, 30), _leg(1, 0, 5))


def test_what_was_read_before_is_not_read_again() -> None:
    ranges = [_range(0, 0, 10), _range(0, 20, 30), _range(1, 0, 5)]
    assert legs(ranges, {("data", 0): 25}) == (_leg(0, 25, 30), _leg(1, 0, 5))


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4), st.integers(0, 40))
def test_every_offset_from_the_position_on_is_in_one_leg(lengths: list[tuple[int, int]], position: int) -> None:
    ranges, start = [], 0
    for gap, length in lengths:
        ranges.append(_range(0, start + gap, start + gap + length))
        start += gap + length
    wanted = [offset for one in ranges for offset in range(one.start, one.end) if offset >= position]
    found = [offset for leg in legs(ranges, {("data", 0): position}) for offset in range(leg.start, leg.end)]
    assert found == wanted
