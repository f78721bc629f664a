"""A bit a record, kept over any batches, and only while there are few enough."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from agent.training.judging.verdicts import Verdicts, VerdictTally
from tests.agent.training.judging.cases import batches, cuts

rights = hnp.arrays(np.bool_, st.integers(1, 40))


def kept(right: NDArray[np.bool_], places: list[int], *, test_set: str = "clothes", label: int = 0) -> Verdicts:
    tally = VerdictTally(test_set=test_set)
    for rows, truth in batches(places, right, np.full(len(right), label)):
        tally.add(truth, {"edge": rows, "cloud": ~rows})
    found = tally.result()
    assert found is not None
    return found


@given(rights, cuts)
def test_every_verdict_comes_back_whatever_the_batches(right: NDArray[np.bool_], places: list[int]) -> None:
    found = kept(right, places)
    assert np.array_equal(found.of("edge"), right)
    assert np.array_equal(found.of("cloud"), ~right)
    assert found == kept(right, [])


def test_records_are_the_same_by_name_and_truth_and_number() -> None:
    here = kept(np.ones(9, np.bool_), [])
    assert here.same_records(kept(np.zeros(9, np.bool_), []))
    assert not here.same_records(kept(np.ones(9, np.bool_), [], test_set="shoes"))
    assert not here.same_records(kept(np.ones(9, np.bool_), [], label=1))
    assert not here.same_records(kept(np.ones(8, np.bool_), []))
    nameless = kept(np.ones(9, np.bool_), [], test_set="")
    assert not nameless.same_records(nameless)


def test_too_many_records_leave_no_verdicts() -> None:
    tally = VerdictTally(test_set="clothes", most=10)
    for _ in range(3):
        tally.add(np.zeros(5), {"edge": np.ones(5, np.bool_)})
    assert tally.result() is None
