"""Errors are those that were put in, and only cells below the knee are judged."""

from collections.abc import Callable

import msgspec

from simulations.model.service import ServiceTimes
from simulations.validation.parts import Part
from simulations.validation.prediction import predicted
from simulations.validation.verdict import FIGURES, errors

MakeParts = Callable[..., tuple[Part, ...]]


def slower(service: ServiceTimes, factor: float) -> ServiceTimes:
    tiers = {
        name: msgspec.structs.replace(tier, infer_record_s=factor * tier.infer_record_s)
        for name, tier in service.tiers.items()
    }
    return msgspec.structs.replace(service, tiers=tiers)


def test_a_model_that_is_right_has_no_error(make_parts: MakeParts, true_times: ServiceTimes) -> None:
    part = make_parts(0)[0]
    found = errors(part.cell.experiment, true_times, part.tables, predicted(part, true_times), name="one")
    assert [one.figure for one in found] == list(FIGURES)
    assert {one.error for one in found} == {0.0}
    assert all(one.is_within and one.is_judged for one in found)


def test_a_model_that_is_slower_errs_upwards_with_its_interval(make_parts: MakeParts, true_times: ServiceTimes) -> None:
    part, wrong = make_parts(0)[0], slower(true_times, 4)
    found = errors(part.cell.experiment, wrong, part.tables, predicted(part, wrong), name="one")
    median = found[0]
    assert median.low is not None
    assert median.high is not None
    assert 0.05 < median.low <= median.error <= median.high
    assert median.model > median.real


def test_a_cell_beyond_the_knee_is_told_and_not_judged(make_parts: MakeParts, true_times: ServiceTimes) -> None:
    slow = slower(true_times, 8)
    part = make_parts(2, service=slow)[0]
    found = errors(part.cell.experiment, slow, part.tables, predicted(part, slow), name="one")
    assert not any(one.is_judged for one in found)


def test_fifteen_percent_either_way_are_allowed(make_parts: MakeParts, true_times: ServiceTimes) -> None:
    part = make_parts(0)[0]
    one = errors(part.cell.experiment, true_times, part.tables, part.tables, name="one")[0]
    within = [msgspec.structs.replace(one, error=error).is_within for error in (0.15, -0.15, 0.151, float("nan"))]
    assert within == [True, True, False, False]
