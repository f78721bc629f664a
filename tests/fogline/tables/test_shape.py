"""Numbers for people: three digits, and never `1e+03`."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.tables.shape import duration, size


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 µs"),
        (41.3e-6, "41.3 µs"),
        (999.4e-6, "999 µs"),
        (999.6e-6, "1 ms"),
        (0.0123, "12.3 ms"),
        (0.9996, "1 s"),
        (61.26, "61.3 s"),
        (12_345.6, "12,346 s"),
    ],
)
def test_a_duration_has_the_greatest_unit_that_leaves_one(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (87.6, "87.6 B"), (999, "999 B"), (999_600, "1 MB"), (2120, "2.12 kB")]
)
def test_a_size_has_the_greatest_unit_that_leaves_one(count: float, said: str) -> None:
    assert size(count) == said


@given(st.floats(1e-9, 1e12))
def test_what_is_said_is_right_to_three_digits(value: float) -> None:
    number, unit = duration(value).replace(",", "").split()
    assert float(number) * {"µs": 1e-6, "ms": 1e-3, "s": 1}[unit] == pytest.approx(value, rel=6e-3)
    assert re.search(r"e\+", duration(value)) is None
