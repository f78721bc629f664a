"""Planted shares: kept within a repetition to one record, and over repetitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.planting import images, leaving, leaving_after_warm_up

shares = st.lists(st.floats(0, 1), min_size=1, max_size=5).map(lambda some: [one / max(1.0, sum(some)) for one in some])
repetitions = st.integers(0, 1000)


def counted(found: np.ndarray, tiers: int) -> np.ndarray:
    return np.bincount(found, minlength=tiers)


@given(shares, st.integers(0, 300), repetitions, st.integers(0, 2**63 - 1))
def test_each_share_is_kept_to_within_one_record(some: list[float], records: int, repetition: int, seed: int) -> None:
    found = leaving(some, records, repetition=repetition, seed=seed)
    wanted = np.array([*some, 1 - sum(some)]) * records
    assert len(found) == records
    assert np.all(np.abs(counted(found, len(wanted)) - wanted) <= 1 + 1e-6)


def test_a_single_record_a_repetition_keeps_them_over_all() -> None:
    found = np.concatenate([leaving([0.6, 0.3], 1, repetition=one, seed=one) for one in range(100)])
    assert np.all(np.abs(counted(found, 3) - [60, 30, 10]) <= 2)


@given(repetitions, st.integers(0, 2**63 - 1))
def test_without_lower_tiers_all_leave_at_the_only_one(repetition: int, seed: int) -> None:
    assert set(leaving([], 5, repetition=repetition, seed=seed).tolist()) == {0}


@given(st.lists(st.integers(0, 2), max_size=50))
def test_images_leave_where_they_shall(wanted: list[int]) -> None:
    leaves = np.array([0, 1, 2, 1, 0, 2, 2])
    tiers = np.array(wanted, dtype=np.int64)
    assert np.array_equal(leaves[images(leaves, tiers)], tiers)


def test_all_images_take_their_turn() -> None:
    leaves = np.array([0, 1, 0, 0])
    assert images(leaves, np.zeros(4, dtype=np.int64)).tolist() == [0, 2, 3, 0]


def test_a_tier_without_an_image_is_named() -> None:
    with pytest.raises(ValueError, match="tier 2"):
        images(np.array([0, 1]), np.array([2]))


def test_the_warm_up_goes_every_way_and_counts_for_no_share() -> None:
    warm_up = np.array([True, False] * 4)
    found = leaving_after_warm_up([0.5, 0.25], warm_up, repetition=0, seed=1)
    assert found[warm_up].tolist() == [2, 1, 0, 2]
    assert sorted(found[~warm_up]) == [0, 0, 1, 2]
