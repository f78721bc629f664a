"""Being asked to leave, at the right moment and at the wrong one."""

import pytest

from agent.training.fitting.departure import DepartedError, Departure


def test_outside_of_the_loop_one_leaves_at_once() -> None:
    left: list[str] = []
    departure = Departure(lambda: left.append("left"))
    departure.ask()
    assert left == ["left"]


def test_in_the_loop_one_is_told_and_leaves_after_it() -> None:
    left: list[str] = []
    departure = Departure(lambda: left.append("left"))
    with departure.deferred():
        departure.ask()
        assert departure.asked
        assert left == []
    assert left == ["left"]


def test_who_has_saved_and_said_so_is_not_thrown_out() -> None:
    departure = Departure(pytest.fail)
    with pytest.raises(DepartedError), departure.deferred():
        departure.ask()
        raise DepartedError("the checkpoint is written")
