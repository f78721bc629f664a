from argparse import ArgumentTypeError

import pytest

from examples.arguments import positive


def test_a_whole_number_above_zero_is_taken() -> None:
    assert positive("12") == 12


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "many", "\u0661"])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a whole number above zero"):
        positive(text)
