from hypothesis import assume, given
from hypothesis import strategies as st

from simulations.experiment.bisection import Progress, Range, most_tries, progress

ranges = st.builds(
    lambda low, ratio, tolerance: Range(low=low, high=low * ratio, tolerance=tolerance),
    st.floats(1e-6, 1e6),
    st.floats(1.1, 1e6),
    st.floats(0.01, 1),
)
whole_ranges = st.builds(
    lambda low, more, tolerance: Range(low=low, high=low + more, tolerance=tolerance, is_whole=True),
    st.integers(1, 10_000),
    st.integers(1, 100_000),
    st.floats(0.01, 1),
)
any_range = ranges | whole_ranges


def searched(within: Range, knee: float) -> tuple[Progress, list[float]]:
    """Where everything up to `knee` holds and nothing above."""
    tried: list[float] = []
    while (value := progress(within, [one <= knee for one in tried]).next) is not None:
        tried.append(value)
    return progress(within, [one <= knee for one in tried]), tried


@given(any_range, st.floats(0, 1))
def test_the_knee_lies_between_what_holds_and_what_fails_and_they_are_close(within: Range, at: float) -> None:
    knee = within.low * (within.high / within.low) ** at
    assume(within.low <= knee < within.high)
    found, _ = searched(within, knee)
    assert found.holds is not None
    assert found.fails is not None
    assert found.holds <= knee < found.fails
    is_close = found.fails <= found.holds * (1 + within.tolerance)
    assert is_close or (within.is_whole and found.fails == found.holds + 1)


@given(any_range, st.floats(0, 2))
def test_nothing_is_tried_twice_or_outside_or_for_long(within: Range, at: float) -> None:
    _, tried = searched(within, within.low * (within.high / within.low) ** at)
    assert len(set(tried)) == len(tried)
    assert all(within.low <= one <= within.high for one in tried)
    assert all(one == int(one) for one in tried if within.is_whole)
    assert len(tried) <= most_tries(within)


@given(any_range)
def test_where_the_lowest_fails_or_the_highest_holds_nothing_more_is_tried(within: Range) -> None:
    assert progress(within, [False]) == Progress(fails=within.low)
    assert progress(within, [True, True]) == Progress(holds=within.high)


@given(any_range, st.lists(st.booleans(), max_size=20))
def test_whatever_is_said_what_holds_is_below_what_fails(within: Range, verdicts: list[bool]) -> None:
    found = progress(within, verdicts)
    if found.holds is not None and found.fails is not None:
        assert found.holds < found.fails
        assert found.next is None or found.holds < found.next < found.fails
