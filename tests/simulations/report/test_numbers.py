import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.report.content import Estimate, TableCell, Verdict
from simulations.report.numbers import cell, estimate, number, p_value, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.0, "0"), (2.0, "2"), (12.34, "12.3"), (0.01234, "0.0123"), (1234.5, "1,234"), (99.96, "100")],
)
def test_three_digits_matter(value: float, text: str) -> None:
    assert number(value) == text


def test_what_is_no_number_is_shown_as_nothing_and_what_has_no_bound_as_such() -> None:
    assert [number(value) for value in (math.nan, math.inf, -math.inf)] == ["\u2013", "\u221e", "\u2212\u221e"]


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_a_shown_number_is_right_to_half_a_percent(value: float) -> None:
    assert float(number(value).replace(",", "").replace("\u2212", "-")) == pytest.approx(value, rel=0.0051)


@given(st.floats())
def test_every_number_can_be_shown(value: float) -> None:
    assert number(value)
    assert estimate(Estimate(value=value, low=value, high=value))


def test_an_interval_has_the_decimals_of_its_greatest_number() -> None:
    assert estimate(Estimate(value=2.0, low=1.913, high=2.067)) == "2.00 [1.91, 2.07]"
    assert estimate(Estimate(value=0.0, low=0.0, high=0.0)) == "0 [0, 0]"
    assert estimate(Estimate(value=7.0)) == "7"
    assert estimate(Estimate(value=12.0, low=11.0, high=math.inf)) == "12.0 [11.0, \u221e]"


def test_signs_and_probabilities() -> None:
    assert (percent(0.1234), percent(-0.1234)) == ("+12.3 %", "\u221212.3 %")
    assert (p_value(0.0004), p_value(0.04)) == ("p < 0.001", "p = 0.040")


@pytest.mark.parametrize(
    ("found", "text"),
    [(None, "\u2013"), ("a", "a"), (1234, "1,234"), (True, "yes"), (Verdict(kept=True, text="kept"), "kept")],
)
def test_cells_of_tables(found: TableCell, text: str) -> None:
    assert cell(found) == text
