"""Crashes count against a run that gets nowhere, and not against one that goes on."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.fitting.progress import Checkpointed, Resumed, Stepped
from agent.training.online.events import WindowLearnt
from agent.training.running.crashes import after_crash, further
from agent.training.running.ledger import Ledger, Reached
from agent.training.running.telling import Event
from shared.documents import decode, encode

NEW = Ledger(work="work", attempt=1)
STEP = Stepped(epoch=9, epochs=9, step=9, steps=9, records_per_s=1.0, loss={})
WINDOW = WindowLearnt(window=4, records=9, records_per_s=1.0, scores={}, training={})


@pytest.mark.parametrize(
    ("event", "reached"),
    [
        (Checkpointed(epoch=3, step=7), Reached(epoch=3, step=7)),
        (Resumed(epoch=3, step=1), Reached(epoch=3, step=1)),
        (WINDOW, Reached(epoch=4)),
        (STEP, Reached(epoch=2, step=5)),
        (Checkpointed(epoch=1, step=9), Reached(epoch=2, step=5)),
    ],
)
def test_what_is_on_the_disk_counts_and_nothing_takes_it_back(event: Event, reached: Reached) -> None:
    assert further(Reached(epoch=2, step=5), event) == reached


def test_crashes_in_one_place_are_counted_and_begin_anew_once_it_got_further() -> None:
    places = [Reached(), Reached(), Reached(epoch=1, step=3), Reached(epoch=1, step=3), Reached(epoch=2)]
    counted = [reduce(after_crash, places[: last + 1], NEW).crashes for last in range(len(places))]
    assert counted == [1, 2, 1, 2, 1]


def test_an_agent_that_has_not_heard_how_far_the_run_is_forgets_no_crash() -> None:
    far = after_crash(after_crash(NEW, Reached(epoch=5)), Reached())
    assert (far.crashes, far.reached) == (2, Reached(epoch=5))
    assert decode(encode(far), Ledger) == far


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30))
def test_a_run_is_given_up_exactly_when_it_crashes_so_often_without_a_checkpoint_between(
    found: list[tuple[int, int]],
) -> None:
    now, highest, without = NEW, Reached(), 0
    for epoch, step in found:
        reached = Reached(epoch=epoch, step=step)
        without = 1 if reached > highest else without + 1
        highest, now = max(highest, reached), after_crash(now, reached)
        assert (now.crashes, now.reached) == (without, highest)
