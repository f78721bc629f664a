"""A prediction has the arrivals of its run, and each record leaves where it left."""

from collections.abc import Callable

import numpy as np

from simulations.model.service import ServiceTimes
from simulations.validation.parts import Part
from simulations.validation.prediction import leaves, predicted

MakeParts = Callable[..., tuple[Part, ...]]


def test_arrivals_and_exits_are_those_of_the_run(make_parts: MakeParts, true_times: ServiceTimes) -> None:
    part = make_parts(0)[0]
    found = predicted(part, true_times)
    for name in ("due_us", "client", "number", "repetition"):
        assert np.array_equal(found.records[name], part.tables.records[name]), name
    assert found.records["tier"].tolist() == part.tables.records["tier"].tolist()


def test_the_same_service_times_predict_the_same_latencies(make_parts: MakeParts, true_times: ServiceTimes) -> None:
    part = make_parts(0)[0]
    assert np.array_equal(predicted(part, true_times).records["answered_us"], part.tables.records["answered_us"])


def test_where_a_lost_or_degraded_record_would_have_left_is_not_known(make_parts: MakeParts) -> None:
    part = make_parts(0)[0]
    records = dict(part.repetitions[0].records)
    records["tier"] = records["tier"].copy()
    records["tier"][0] = None
    records["degraded"] = records["degraded"].copy()
    records["degraded"][1] = True
    found = leaves(part.cell.experiment, records)
    assert found[:2].tolist() == [-1, -1]
    assert set(found[2:].tolist()) == {0, 1}
