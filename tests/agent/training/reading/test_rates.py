"""Shares of every class, to within one record."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.reading.rates import apportion
from shared.documents import Rates, decode
from shared.errors import DocumentError

shares = st.floats(0, 1) | st.sampled_from([0.0, 0.1, 0.2, 0.25, 1 / 3, 0.5])
rates = (
    st.tuples(shares, shares).filter(lambda two: sum(two) <= 1).map(lambda two: Rates(validation=two[0], test=two[1]))
)
counts = st.lists(st.integers(0, 50) | st.integers(0, 10**9), max_size=30).map(lambda some: np.array(some, np.int64))


@given(counts=counts, rates=rates)
def test_every_record_has_one_part_and_every_part_its_share_within_one(counts: np.ndarray, rates: Rates) -> None:
    sizes = apportion(counts, rates)
    assert sizes.sum(axis=1).tolist() == counts.tolist()
    assert (sizes >= 0).all()
    assert (np.abs(sizes - np.outer(counts, rates.shares)) <= 1).all()


@given(counts=counts, rates=rates)
def test_the_totals_have_their_shares_too(counts: np.ndarray, rates: Rates) -> None:
    learnt = counts[counts * rates.shares[0] >= 1]
    sizes = apportion(learnt, rates)
    assert (np.abs(sizes.sum(axis=0) - learnt.sum() * np.array(rates.shares)) <= 2).all()


@given(counts=counts, rates=rates)
def test_a_class_is_learnt_before_it_is_judged(counts: np.ndarray, rates: Rates) -> None:
    expected = np.round(counts * rates.shares[0], 6)
    assert ((apportion(counts, rates)[:, 0] > 0) == (expected > 0)).all()


def test_whole_shares_are_met_to_the_record() -> None:
    assert apportion(np.array([100, 29]), Rates(validation=0.29, test=0.1))[0].tolist() == [61, 29, 10]
    assert apportion(np.array([6000] * 10), Rates()).tolist() == [[4800, 600, 600]] * 10


def test_many_small_classes_are_judged_as_often_as_one_great_one() -> None:
    assert apportion(np.full(1000, 3), Rates()).sum(axis=0).tolist() == [2400, 300, 300]


def test_shares_of_more_than_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="more than the whole"):
        Rates(validation=0.6, test=0.5)
    with pytest.raises(DocumentError, match="more than the whole"):
        decode(b'{"validation": 0.6, "test": 0.5}', Rates)
    assert decode(msgspec.json.encode(Rates(test=0.0)), Rates) == Rates(test=0.0)
