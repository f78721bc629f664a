import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.document import Fault, FaultKind
from simulations.experiment.quantities import Duration
from simulations.measurement.rows import LagRow
from simulations.measurement.run_folder import Tables
from simulations.report.gathering.faults import BINS, bins, lags, marks

EDGE, LINK = "broker:edge-1", "link:edge-cloud"


def fault(at: float, kind: FaultKind, on: str = EDGE, factor: float = 1.0) -> Fault:
    return Fault(at=Duration(at), kind=kind, on=on, factor=factor)


def test_what_is_undone_on_the_same_target_lasts_until_then() -> None:
    kill, cut, restart = marks([fault(9, FaultKind.RESTART), fault(2, FaultKind.KILL), fault(4, FaultKind.CUT, LINK)])
    assert (kill.at, kill.until, kill.good) == (2.0, 9.0, False)
    assert (cut.at, cut.until, cut.label) == (4.0, None, "cut link:edge-cloud")
    assert (restart.until, restart.good) == (None, True)


def test_a_link_as_fast_as_before_is_no_harm() -> None:
    slow, again = marks([fault(1, FaultKind.SLOW, LINK, 4.0), fault(2, FaultKind.SLOW, LINK, 1.0)])
    assert (slow.label, slow.until, again.good) == ("slow link:edge-cloud 4 times", 2.0, True)


@given(st.floats(min_value=0, max_value=3600 * 10), st.integers(0, 10**7))
def test_bins_hold_the_whole_time_and_are_not_too_many(seconds: float, records: int) -> None:
    edges = bins(seconds, records)
    assert edges[0] == 0
    assert edges[-1] >= seconds
    assert 2 <= len(edges) <= BINS + 3
    assert np.allclose(np.diff(edges), edges[1] - edges[0])


def test_few_records_are_put_into_few_bins() -> None:
    assert [len(bins(60.0, records)) - 1 for records in (10**6, 600, 6)] == [240, 60, 12]


def test_of_many_looks_at_what_waits_the_most_of_each_bin_is_kept() -> None:
    looks = BINS * 20
    rows = [LagRow(cell=0, repetition=0, at_us=at * 1000, tier="edge", records=at % 7) for at in range(looks)]
    edges = np.arange(0.0, looks / 1000 + 0.1, 0.1)
    (trace,) = lags(Tables.of(lag=rows).lag, 0.0, edges)
    assert len(trace.values) == len(edges) - 1
    assert np.nanmin(trace.values) == np.nanmax(trace.values) == 6.0
