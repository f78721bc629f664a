"""A network's description, as it is told."""

import pytest

from fogline.tables.descriptions import operations
from shared.documents import LayerOutput


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        ((0, 1000), "1,000 a record"),
        ((7, None), "7 a record, and those of one layer, which are not known"),
        ((7, None, None), "7 a record, and those of 2 layers, which are not known"),
        ((None, None), "not known"),
    ],
)
def test_operations_are_told_as_far_as_they_are_known(counted: tuple[int | None, ...], said: str) -> None:
    layers = [LayerOutput(name="it", kind="Dense", parameters=1, output=(4,), operations=one) for one in counted]
    assert operations(layers) == said
