"""What is kept of each participant counts until it is replaced, or forgotten."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.federation.aggregation.mifa import Mifa
from agent.federation.aggregation.schedule import Cosine, Steady
from agent.federation.aggregation.strategies import strategy
from tests.agent.federation.aggregation.drawn import SHAPES, contributions, folded, model, same_bytes


def test_who_sends_nothing_new_counts_by_its_last_change() -> None:
    one, some = Mifa(), contributions(4)
    first, state = one.step(folded(one, one.start(model()), some), model())
    newer = replace(some[0], change=contributions(1, seed=9)[0].change)
    second, _ = one.step(one.fold(state, newer), first)
    whole = sum(each.weight for each in some)
    for name in SHAPES:
        wanted = first[name] + sum(each.weight * each.change[name] for each in (newer, *some[1:])) / whole
        assert np.allclose(second[name], wanted, rtol=1e-5, atol=1e-6)


def test_one_that_is_fast_weighs_no_more_than_the_slow() -> None:
    one, (fast, slow) = Mifa(), contributions(2)
    state = one.start(model())
    for each in (fast, slow, fast, fast, fast):
        state = one.fold(state, each)
    assert same_bytes(one.step(state, model())[0], one.step(folded(one, one.start(model()), [slow, fast]), model())[0])


def test_who_has_left_is_forgotten() -> None:
    one, (stays, leaves) = Mifa(forgotten=3), contributions(2)
    current, state = one.step(folded(one, one.start(model()), [stays, leaves]), model())
    for _ in range(3):
        before = current
        current, state = one.step(one.fold(state, stays), current)
    for name in SHAPES:
        assert np.allclose(current[name], before[name] + stays.change[name], rtol=1e-5, atol=1e-6)
    assert not [key for key in state if leaves.participant in key]


def test_without_anything_new_it_stays_where_it_is() -> None:
    one = Mifa(momentum=0.9)
    current, state = one.step(folded(one, one.start(model()), contributions(3)), model())
    assert same_bytes(one.step(state, current)[0], current)


@pytest.mark.parametrize("parameters", [{}, {"momentum": 0.9}, {"momentum": 0.9, "adaptivity": 1e-6}])
def test_a_schedule_shortens_the_steps(parameters: dict[str, float]) -> None:
    lengths = []
    for schedule in ({"kind": "steady"}, {"kind": "cosine", "rounds": 2}):
        one, current = strategy("mifa", {**parameters, "schedule": schedule}), model()
        state = one.start(current)
        for _ in range(2):
            before = current
            current, state = one.step(folded(one, state, contributions(3)), current)
        lengths.append(sum(float(np.abs(current[name] - before[name]).sum()) for name in SHAPES))
    assert lengths[1] == pytest.approx(lengths[0] / 2, rel=1e-3)


def test_adapted_steps_are_as_long_whatever_the_changes_are_multiplied_by() -> None:
    one = Mifa(momentum=0.9, adaptivity=1e-9)
    some = contributions(3)
    scaled = [replace(each, change={name: 10 * change for name, change in each.change.items()}) for each in some]
    after, other = (one.step(folded(one, one.start(model()), those), model())[0] for those in (some, scaled))
    assert all(np.allclose(after[name], other[name], rtol=1e-4) for name in SHAPES)


@given(st.integers(1, 1000), st.floats(0, 1), st.integers(0, 2000))
def test_a_cosine_falls_from_one_to_its_least(rounds: int, least: float, step: int) -> None:
    schedule = Cosine(rounds=rounds, least=least)
    assert schedule.factor(0) == pytest.approx(1)
    assert least - 1e-9 <= schedule.factor(step + 1) <= schedule.factor(step) + 1e-9
    assert schedule.factor(rounds + step) == pytest.approx(least, abs=1e-9)
    assert Steady().factor(step) == 1
