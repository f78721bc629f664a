import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.report.charts.scales import fits, is_log, log_steps, tick
from simulations.report.content import Axis


def test_an_axis_is_logarithmic_where_its_values_span_decades() -> None:
    assert is_log(Axis(label=""), [1.0, 100.0])
    assert not is_log(Axis(label=""), [1.0, 10.0])
    assert is_log(Axis(label="", log=True), [1.0, 2.0])
    assert not is_log(Axis(label="", log=False), [1.0, 1e6])


@given(st.lists(st.floats(max_value=0)), st.sampled_from([None, True]))
def test_nothing_at_or_below_0_stands_on_a_logarithmic_axis(values: list[float], log: bool | None) -> None:
    assert not is_log(Axis(label="", log=log), [1.0, 1e6, *(value for value in values if math.isfinite(value)), 0.0])


def test_what_is_infinite_makes_no_axis_logarithmic() -> None:
    assert not is_log(Axis(label=""), [1.0, 2.0, math.inf])


def test_an_axis_of_many_decades_has_few_ticks() -> None:
    assert [len(log_steps(1, high)) for high in (50, 1000, 1e6)] == [3, 2, 1]


@pytest.mark.parametrize(
    ("places", "room", "fit"), [([], 5, True), ([1], 5, True), ([0, 1, 2], 3, True), ([0, 1, 9], 5, False)]
)
def test_labels_that_would_touch_do_not_fit(places: list[float], room: int, fit: bool) -> None:
    assert fits(places, room) is fit


def test_ticks_are_written_out() -> None:
    assert [tick(value) for value in (0.1, 2.5, 10.0, 30000.0)] == ["0.1", "2.5", "10", "30,000"]
