"""Three disjoint parts by a seed, or an error that says how many records it takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.exiting.parts import parted
from shared.errors import SettingsError


@given(st.integers(329, 3000), st.integers(0, 2**32 - 1))
def test_every_record_is_in_exactly_one_part(records: int, seed: int) -> None:
    parts = parted(records, seed=seed, risk=0.01, confidence=0.9)
    together = np.concatenate([parts.temperature, parts.path, parts.test])
    assert sorted(together.tolist()) == list(range(records))
    assert len(parts.test) >= 230
    assert min(len(parts.temperature), len(parts.path)) > 0


def test_a_seed_draws_the_same_parts_again_and_another_one_others() -> None:
    one, again, other = (parted(1000, seed=seed, risk=0.01, confidence=0.9).test.tolist() for seed in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.parametrize("records", [0, 1, 2, 200, 326])
def test_too_few_records_are_refused_with_how_many_it_takes(records: int) -> None:
    with pytest.raises(SettingsError, match="it takes 230, the 70% that are tested of 329; give more"):
        parted(records, seed=1, risk=0.01, confidence=0.9)


@pytest.mark.parametrize(("of_temperature", "of_path"), [(0.5, 0.5), (0, 0.3), (0.3, -0.1)])
def test_a_part_of_nothing_is_refused(of_temperature: float, of_path: float) -> None:
    with pytest.raises(ValueError, match="no part for the test"):
        parted(1000, seed=1, risk=0.01, confidence=0.9, of_temperature=of_temperature, of_path=of_path)
