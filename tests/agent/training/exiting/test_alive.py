"""Who goes on after each exit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from agent.training.exiting.alive import alive
from shared.documents import ExitPolicy

thresholds = st.floats(0, 1)


def probabilities(sure: list[float]) -> np.ndarray:
    first = np.array(sure, dtype=np.float32)
    return np.stack([first, 1 - first], axis=1)


def test_a_record_that_one_exit_was_sure_of_meets_no_other() -> None:
    edge, fog = probabilities([0.9, 0.6, 0.6, 0.6]), probabilities([0.6, 0.95, 0.6, 0.8])
    assert alive([edge, fog], [ExitPolicy(threshold=0.8)] * 2) == (0.75, 0.25)
    assert alive([edge, fog], [None, ExitPolicy(threshold=0.9)]) == (1.0, 0.75)
    assert alive([], []) == ()


@given(
    hnp.arrays(np.float32, (3, 20), elements=st.floats(0.5, 1, width=32)),
    st.lists(st.none() | thresholds.map(lambda one: ExitPolicy(threshold=one)), min_size=3, max_size=3),
    thresholds,
)
def test_fewer_go_on_after_each_exit_and_more_where_it_must_be_surer(
    sure: np.ndarray, policies: list[ExitPolicy | None], lower: float
) -> None:
    exits = [probabilities(one.tolist()) for one in sure]
    shares = alive(exits, policies)
    assert list(shares) == sorted(shares, reverse=True)
    eased = [one and ExitPolicy(threshold=min(one.threshold, lower)) for one in policies]
    assert all(less <= more for less, more in zip(alive(exits, eased), shares, strict=True))
