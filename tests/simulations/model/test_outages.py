"""The working clock stands still in outages, and nowhere else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulations.model.outages import Outages

intervals = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda one: (min(one), max(one))))
moments = st.integers(0, 1500)


def is_out(at: int, away: list[tuple[int, int]]) -> bool:
    return any(begin <= at < end for begin, end in away)


@given(intervals, moments)
def test_working_time_is_the_time_outside_of_outages(away: list[tuple[int, int]], at: int) -> None:
    expected = sum(not is_out(moment, away) for moment in range(at))
    assert Outages(away).working(np.array([at])).tolist() == [expected]


@given(intervals, moments, st.integers(1, 500))
def test_work_takes_so_many_moments_without_an_outage(away: list[tuple[int, int]], begin: int, work: int) -> None:
    done = Outages(away).done(begin, work)
    assert sum(not is_out(moment, away) for moment in range(begin, done)) == work
    assert not is_out(done - 1, away)


@given(intervals, moments)
def test_wall_undoes_working_up_to_the_outage_just_before(away: list[tuple[int, int]], at: int) -> None:
    outages = Outages(away)
    back = outages.wall(outages.working(np.array([at])))
    assert outages.working(back).tolist() == outages.working(np.array([at])).tolist()
    assert back[0] <= at


@given(intervals, moments)
def test_an_outage_is_over_at_the_first_moment_without_one(away: list[tuple[int, int]], at: int) -> None:
    over = Outages(away).over(at)
    assert over == next(moment for moment in range(at, 3000) if not is_out(moment, away))
