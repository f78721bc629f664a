import numpy as np

from simulations.report.content import Axis, Distribution, Distributions, Report, Table, Timeline
from simulations.report.tables import numbers_of


def numbers(report: Report) -> list[Table]:
    return [table for chart in report.charts if (table := numbers_of(chart))]


def test_every_chart_but_a_timeline_says_its_numbers(report: Report) -> None:
    silent = [chart for chart in report.charts if numbers_of(chart) is None]
    assert [type(chart) for chart in silent] == [Timeline]


def test_each_row_has_a_cell_for_each_column(report: Report) -> None:
    for table in numbers(report):
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_percentile_that_no_record_exceeds_is_left_out() -> None:
    series = (Distribution(label="a", repetitions=(np.arange(1.0, 101.0),)),)
    table = numbers_of(Distributions(name="a", title="", axis=Axis(label="", unit="ms"), series=series))
    assert table is not None
    assert table.rows == (("a", 100, 1, 50.0, 90.0, 95.0, 99.0, None, 100.0),)
