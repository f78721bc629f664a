from itertools import count

import pytest

from controlplane.presence import Presence
from tests.controlplane.stage import HandClock


class Dawdling:
    """A real pair of clocks: a moment passes between any two readings, and not always as long."""

    def __init__(self) -> None:
        self._readings = (number + 0.0004 * (number % 3) for number in count(1000))
        self.is_set_by_s = 0.0

    def wall(self) -> float:
        return next(self._readings) / 1000 + self.is_set_by_s

    def monotonic(self) -> float:
        return next(self._readings) / 1000


def test_when_a_node_was_heard_last_is_one_moment_until_it_is_heard_again() -> None:
    presence = Presence(Dawdling())
    assert presence.last_heard("a") is None
    presence.heard("a")
    first = presence.last_heard("a")
    assert first is not None
    assert [presence.last_heard("a") for _ in range(20)] == [first] * 20
    presence.heard("a")
    again = presence.last_heard("a")
    assert again is not None
    assert again > first


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
def test_a_wall_clock_that_was_set_shows_it_as_it_would_have(by_s: float) -> None:
    clock = Dawdling()
    presence = Presence(clock)
    presence.heard("a")
    before = presence.last_heard("a")
    assert before is not None
    clock.is_set_by_s = by_s
    assert presence.last_heard("a") == pytest.approx(before + by_s, abs=0.1)


def test_a_node_that_was_forgotten_was_never_heard() -> None:
    clock = HandClock()
    presence = Presence(clock)
    presence.heard("a")
    presence.forget("a")
    assert presence.last_heard("a") is None
