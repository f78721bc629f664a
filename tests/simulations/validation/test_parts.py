"""What is fitted to is never what is predicted."""

from collections.abc import Callable

import pytest

from shared.errors import DocumentError
from simulations.measurement.run_folder import Tables
from simulations.validation.parts import Part, offered, split

MakeParts = Callable[..., tuple[Part, ...]]


def test_the_least_load_is_fitted_to_and_all_others_are_predicted(make_parts: MakeParts) -> None:
    parts = make_parts(0, 1, 2)
    found = split([part.cell for part in parts], Tables.joined([part.tables for part in parts]))
    assert found.calibration.cell.index == 1
    assert [part.cell.index for part in found.predicted] == [0, 2]
    assert found.described == "cell 1, that of the least load"
    assert offered(found.calibration) == pytest.approx(20, rel=0.1)


def test_of_a_single_cell_every_other_repetition(make_parts: MakeParts) -> None:
    part = make_parts(0)[0]
    found = split([part.cell], part.tables)
    assert found.calibration.numbers == (0, 2)
    assert [one.numbers for one in found.predicted] == [(1,)]


def test_a_single_repetition_leaves_nothing_to_predict(make_parts: MakeParts) -> None:
    part = make_parts(0)[0]
    with pytest.raises(DocumentError, match="nothing to predict"):
        split([part.cell], part.repetitions[0])
