import numpy as np
import pytest

from simulations.experiment.document import Sustained
from simulations.experiment.quantities import Duration, Share
from simulations.measurement.columns import Columns, from_rows
from simulations.measurement.rows import RecordRow
from simulations.running.judging import holds

RECORDS, EVERY_US = 1000, 10_000
KEPT = Sustained(p99=Duration(1), lost=Share(0), throughput=Share(0.95))


def records(latency_us: int, *, slower: float = 1.0, lost: int = 0, warm_up: bool = False) -> Columns:
    """A hundred a second, answered so much later, at a rate so much slower."""
    rows = [
        RecordRow(
            cell=0,
            repetition=0,
            client=0,
            number=number,
            id=f"{number:x}",
            due_us=number * EVERY_US,
            sent_us=number * EVERY_US,
            answered_us=None if number < lost else round(number * EVERY_US * slower) + latency_us,
            warm_up=warm_up,
        )
        for number in range(RECORDS)
    ]
    return from_rows(RecordRow, rows)


def test_answers_that_come_later_at_the_rate_of_the_records_are_as_many() -> None:
    assert holds(records(900_000), KEPT)
    assert holds(records(9_000_000), Sustained(throughput=Share(0.999)))


def test_answers_that_fall_behind_are_not_sustained_however_soon_the_load_ends() -> None:
    assert not holds(records(1000, slower=1.1), KEPT)
    assert not holds(records(1000, slower=1.1), Sustained(throughput=Share(0.95)))
    assert holds(records(1000, slower=1.1), Sustained(throughput=Share(0.9)))


def test_latency_is_held_against_its_bound_and_what_is_lost_is_infinitely_late() -> None:
    assert not holds(records(1_100_000), KEPT)
    assert not holds(records(1000, lost=20), Sustained(p99=Duration(1)))
    assert holds(records(1000, lost=5), Sustained(p99=Duration(1)))


@pytest.mark.parametrize(("lost", "is_kept"), [(10, True), (11, False)])
def test_so_much_may_be_lost_and_no_more(lost: int, *, is_kept: bool) -> None:
    assert holds(records(1000, lost=lost), Sustained(lost=Share(0.01))) == is_kept


def test_what_is_not_counted_or_never_answered_sustains_nothing() -> None:
    assert not holds(records(1000, warm_up=True), KEPT)
    assert not holds(records(1000, lost=RECORDS), Sustained(throughput=Share(0.01)))
    assert np.isnan(records(1000, lost=RECORDS)["answered_us"]).all()
