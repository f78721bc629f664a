"""Every record is dealt once, the same way for the same seed."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.errors import SettingsError
from simulations.federation.splits import Rows, dirichlet, evenly, few_classes

LABELS = np.random.default_rng(0).integers(0, 10, 3000)
KINDS = [
    partial(dirichlet, concentration=0.5),
    partial(few_classes, classes=2),
    partial(few_classes, classes=1),
    evenly,
]

each_kind = pytest.mark.parametrize("deal", KINDS)


def shares(dealt: list[Rows]) -> NDArray[np.float64]:
    """Of each site, by class."""
    counts = np.array([np.bincount(LABELS[rows], minlength=10) for rows in dealt], np.float64)
    counts /= counts.sum(axis=1, keepdims=True)
    return counts


@each_kind
@given(seed=st.integers(0, 2**32 - 1))
def test_every_record_is_dealt_once(deal: partial[list[Rows]], seed: int) -> None:
    dealt = deal(LABELS, 10, seed=seed)
    assert len(dealt) == 10
    assert np.sort(np.concatenate(dealt)).tolist() == list(range(len(LABELS)))


@each_kind
def test_the_seed_alone_decides(deal: partial[list[Rows]]) -> None:
    one, again, other = (deal(LABELS, 20, seed=seed) for seed in (1, 1, 2))
    assert [rows.tolist() for rows in one] == [rows.tolist() for rows in again]
    assert [rows.tolist() for rows in one] != [rows.tolist() for rows in other]


@given(st.integers(1, 10), st.integers(10, 30), st.integers(0, 99))
def test_a_site_has_as_many_classes_as_asked_for(classes: int, sites: int, seed: int) -> None:
    for rows in few_classes(LABELS, sites, classes=classes, seed=seed):
        assert len(np.unique(LABELS[rows])) == classes


def test_the_smaller_the_concentration_the_more_unlike_are_the_sites() -> None:
    unlike = [
        np.mean([shares(dirichlet(LABELS, 10, concentration=one, seed=seed)).std() for seed in range(5)])
        for one in (0.1, 0.5, 100)
    ]
    assert unlike[0] > unlike[1] > 4 * unlike[2]


def test_every_site_has_the_least() -> None:
    assert min(map(len, dirichlet(LABELS, 30, concentration=0.1, seed=3, least=20))) >= 20


def test_what_cannot_be_dealt_is_refused() -> None:
    with pytest.raises(SettingsError, match="cannot be dealt to 20 sites so that each has 151"):
        dirichlet(LABELS, 20, concentration=0.5, seed=1, least=151)
    with pytest.raises(SettingsError, match="cannot have 11 of 10 classes"):
        few_classes(LABELS, 10, classes=11, seed=1)
