"""The path falls from "never" to "all at the first exit", the same whatever order the records come in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.training.exiting.outcomes import NEVER, Outcomes, Thresholds, exits_taken, harmed, shares
from agent.training.exiting.path import Path, falling_path
from tests.agent.training.exiting.drawn import outcomes, population


@given(outcomes(), st.integers(3, 40))
def test_a_path_falls_one_threshold_at_a_time(found: Outcomes, steps: int) -> None:
    path = falling_path(found, steps=steps)
    assert 1 <= len(path) <= steps + 1
    assert (path[0] == NEVER).all()
    assert ((path[1:] < path[:-1]).sum(axis=1) == 1).all()
    assert (path[1:] <= path[:-1]).all()
    assert not exits_taken(found, path[-1]).any()


def promise(found: Outcomes, row: Thresholds, place: int, levels: list[float]) -> float:
    """Tiers spared for each harm done, and one, by the best of the levels."""
    before, best = exits_taken(found, row), 0.0
    for level in levels:
        lower = row.copy()
        lower[place] = level
        after = exits_taken(found, lower)
        done = int(harmed(found, after).sum()) - int(harmed(found, before).sum())
        best = max(best, int((before - after).sum()) / (max(done, 0) + 1))
    return best


def slow_path(found: Outcomes) -> list[Thresholds]:
    """Every distinct confidence is a level."""
    left = [sorted({*found.sure[place].tolist(), 0.0}, reverse=True) for place in range(found.early)]
    rows = [np.full(found.early, NEVER)]
    while max(promises := [promise(found, rows[-1], place, left[place]) for place in range(found.early)]) > 0:
        best = promises.index(max(promises))
        rows.append(rows[-1].copy())
        rows[-1][best] = left[best].pop(0)
    return rows


@given(outcomes(most_records=12) | st.builds(population, st.just(25), st.integers(0, 2**32 - 1)))
@settings(max_examples=50)
def test_each_step_lowers_the_threshold_that_promises_most(found: Outcomes) -> None:
    steps = found.early * (len(found) + 1)
    np.testing.assert_array_equal(falling_path(found, steps=steps), slow_path(found))


@given(outcomes())
def test_every_threshold_can_stand_in_a_policy(found: Outcomes) -> None:
    path = falling_path(found)
    assert ((path == NEVER) | ((path >= 0) & (path <= 1))).all()


@given(outcomes(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_change_the_path(found: Outcomes, random: object) -> None:
    order = list(range(len(found)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis types it as object
    np.testing.assert_array_equal(falling_path(found.at(np.array(order))), falling_path(found))


def test_an_exit_that_is_never_right_is_lowered_last() -> None:
    random = np.random.default_rng(1)
    right = np.array([[False] * 500, [True] * 500, [True] * 500])
    path = falling_path(Outcomes(sure=random.random((2, 500), np.float32), right=right), steps=20)
    assert (path[:11, 0] == NEVER).all()
    assert path[10, 1] == 0


def test_a_step_lets_go_a_share_of_the_records() -> None:
    sure = np.linspace(0, 1, 1000, dtype=np.float32)[None]
    found = Outcomes(sure=sure, right=np.ones((2, 1000), np.bool_))
    left = [shares(found, exits_taken(found, row))[0] for row in falling_path(found, steps=50)]
    assert left == pytest.approx(np.arange(51) / 50)


def tiers_spared(path: Path, found: Outcomes, most_harm: float) -> float:
    """At the last row before the harm is more."""
    best = 0.0
    for row in path:
        taken = exits_taken(found, row)
        if harmed(found, taken).mean() > most_harm:
            break
        best = float((found.early - taken).mean())
    return best


def test_the_path_spares_more_than_one_threshold_for_all_exits() -> None:
    known, fresh = population(3000, 1), population(50_000, 2)
    alike = np.append(NEVER, np.linspace(1, 0, 100)).astype(np.float32)[:, None].repeat(2, axis=1)
    spared = tiers_spared(falling_path(known), fresh, 0.02)
    assert spared > 1.05 * tiers_spared(alike, fresh, 0.02)
    # As near as that to the path that knows what it will be judged by.
    assert spared > 0.95 * tiers_spared(falling_path(fresh), fresh, 0.02)


def test_too_few_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="1 steps cannot lower each of 2"):
        falling_path(population(10, 0), steps=1)
