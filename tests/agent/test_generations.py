from hypothesis import given
from hypothesis import strategies as st

from agent.generations import Verdict, judge

GENERATION = st.integers(0, 50)


@given(st.lists(GENERATION))
def test_what_a_node_works_by_never_goes_backwards(offers: list[int]) -> None:
    held = highest = 0
    for offered in offers:
        before = held
        if judge(offered, held=held, highest=highest) is Verdict.ACCEPT:
            held, highest = offered, max(offered, highest)
        assert held >= before
        assert held == highest


@given(GENERATION, GENERATION, GENERATION)
def test_exactly_what_lies_below_the_highest_is_refused(offered: int, held: int, highest: int) -> None:
    assert (judge(offered, held=held, highest=highest) is Verdict.REFUSE) == (offered < highest)


def test_an_equal_generation_is_ignored() -> None:
    assert judge(7, held=7, highest=7) is Verdict.IGNORE


def test_the_highest_is_accepted_again_when_the_assignment_itself_was_lost() -> None:
    assert judge(7, held=0, highest=7) is Verdict.ACCEPT


def test_a_control_plane_that_was_confirmed_continues_above() -> None:
    assert judge(3, held=7, highest=7) is Verdict.REFUSE
    assert judge(8, held=7, highest=7) is Verdict.ACCEPT
