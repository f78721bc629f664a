"""Every row once, and in an order that no statistic at hand can tell from a drawn one."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.training.reading.permutation import MOST_ROWS, Permutation, derived_seed

seeds = st.integers(-(2**70), 2**70)


def order(n: int, seed: int, rounds: int | None = None) -> NDArray[np.int64]:
    permutation = Permutation(n, seed) if rounds is None else Permutation(n, seed, rounds=rounds)
    return permutation[np.arange(n)]


def deviation(counts: NDArray[np.int64]) -> float:
    """Pearson's statistic against equally likely, in its standard deviations from what is to be expected."""
    expected = counts.mean()
    freedom = counts.size - 1
    return float((((counts - expected) ** 2 / expected).sum() - freedom) / math.sqrt(2 * freedom))


def test_every_row_comes_once_however_many_there_are() -> None:
    for n in range(5001):
        assert (np.bincount(order(n, seed=n), minlength=n) == 1).all()


@given(n=st.integers(1, 5000), seed=seeds)
def test_every_row_comes_once_whatever_the_seed(n: int, seed: int) -> None:
    assert (np.bincount(order(n, seed), minlength=n) == 1).all()


@given(n=st.integers(1, MOST_ROWS), seed=seeds, data=st.data())
def test_rows_of_no_end_are_put_in_order_where_they_are_asked_for(n: int, seed: int, data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(0, n - 1), max_size=50, unique=True))
    rows = Permutation(n, seed)[np.array(positions, np.int64)]
    assert len(set(rows.tolist())) == len(positions)
    assert all(0 <= row < n for row in rows.tolist())


@given(n=st.integers(1, 500), seed=seeds, data=st.data())
def test_a_position_has_its_row_whichever_others_are_asked_for(n: int, seed: int, data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(0, n - 1), max_size=20))
    assert Permutation(n, seed)[np.array(positions, np.int64)].tolist() == order(n, seed)[positions].tolist()


def test_the_order_is_the_same_on_every_machine_and_in_every_release() -> None:
    assert order(10, seed=1).tolist() == [7, 1, 8, 9, 3, 0, 6, 4, 5, 2]
    assert Permutation(10**9, 1)[np.arange(3)].tolist() == [261786388, 194123481, 982561333]


def test_epochs_are_in_orders_of_their_own() -> None:
    orders = {tuple(order(100, derived_seed(1, "epoch", epoch))) for epoch in range(100)}
    assert len(orders) == 100


def test_what_is_derived_differs_by_seed_purpose_and_number() -> None:
    made = {derived_seed(seed, what, n) for seed in (1, 11) for what in ("epoch", "stratum") for n in (1, 11)}
    assert len(made) == 8


@pytest.mark.parametrize("position", [-1, 5])
def test_a_position_that_is_none_is_refused(position: int) -> None:
    with pytest.raises(IndexError, match="positions go from 0 to 4"):
        Permutation(5, 1)[np.array([0, position])]


@pytest.mark.parametrize("n", [-1, MOST_ROWS + 1])
def test_a_number_of_rows_that_cannot_be_put_in_order_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="can be put in order"):
        Permutation(n, 1)


# The number of rounds is chosen by the next three: each statistic passes with those, and is seen to fail with fewer.


def orders_of(n: int, rounds: int | None = None) -> NDArray[np.int64]:
    """How often each of the n! orders comes, over 4,000 seeds."""
    seen = Counter(tuple(order(n, seed, rounds).tolist()) for seed in range(4000))
    return np.array([*seen.values(), *[0] * (math.factorial(n) - len(seen))])


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_a_few_rows_come_in_every_order_alike(n: int) -> None:
    assert deviation(orders_of(n)) < 4


def test_orders_of_five_rows_are_not_alike_after_eight_rounds() -> None:
    assert deviation(orders_of(5, rounds=8)) > 8


def steps_between_neighbours(n: int, rounds: int | None = None) -> NDArray[np.int64]:
    """How far apart the rows of two positions beside each other are, around the whole, over 300 seeds."""
    steps = sum(np.bincount(np.diff(order(n, seed, rounds)) % n, minlength=n) for seed in range(300))
    return np.asarray(steps)[1:]


@pytest.mark.parametrize("n", [100, 1000])
def test_neighbours_come_from_anywhere(n: int) -> None:
    assert deviation(steps_between_neighbours(n)) < 4


def test_neighbours_do_not_come_from_anywhere_after_four_rounds() -> None:
    assert deviation(steps_between_neighbours(1000, rounds=4)) > 8


def spread(n: int, classes: int, block: int, seed: int, rounds: int | None = None) -> float:
    """Of the classes of rows sorted by class, in each block of the order: their variance as a share of what the
    hypergeometric distribution, which is drawing without putting back, gives them."""
    labels = order(n, seed, rounds) * classes // n
    blocks = labels[: n // block * block].reshape(-1, block)
    counts = np.array([np.bincount(one, minlength=classes) for one in blocks])
    share = 1 / classes
    expected = block * share * (1 - share) * (n - block) / (n - 1)
    return float(((counts - block * share) ** 2).mean() / expected)


@pytest.mark.parametrize(("n", "classes", "block"), [(10_000, 10, 100), (10_000, 10, 500), (6000, 3, 64)])
def test_what_was_sorted_by_class_is_mixed_as_if_drawn(n: int, classes: int, block: int) -> None:
    spreads = [spread(n, classes, block, seed) for seed in range(100)]
    assert abs(np.mean(spreads) - 1) < 4 * np.std(spreads) / math.sqrt(len(spreads))


def test_what_was_sorted_by_class_is_not_mixed_after_two_rounds() -> None:
    assert np.mean([spread(10_000, 10, 500, seed, rounds=2) for seed in range(20)]) > 3


@given(seed=seeds)
def test_no_block_of_what_was_sorted_by_class_lacks_or_is_full_of_one(seed: int) -> None:
    # Of 5,000 rows in 10 classes, 200 at a time, 20 of each are expected and the standard deviation is 4.2: seven of
    # those are exceeded by one block in 10^11.
    labels = order(5000, seed) // 500
    counts = np.array([np.bincount(one, minlength=10) for one in labels.reshape(-1, 200)])
    assert np.abs(counts - 20).max() < 30
