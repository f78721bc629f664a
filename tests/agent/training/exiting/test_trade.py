"""What a path costs: against a sum over the records one by one."""

import numpy as np
import pytest
from hypothesis import given

from agent.training.cutting.network import Link
from agent.training.exiting.outcomes import Outcomes, exits_taken
from agent.training.exiting.path import falling_path
from agent.training.exiting.trade import Costs, expected_costs, trade
from shared.documents import decode, encode
from tests.agent.training.exiting.drawn import outcomes, population

COSTS = Costs(
    tier_s=(0.001, 0.002, 0.005),
    cut_bytes=(400, 1000),
    links=(Link(fixed_s=0.01, bytes_per_s=1e5), Link(fixed_s=0.05, bytes_per_s=1e6)),
)


def costs(early: int) -> Costs:
    return Costs(
        tier_s=tuple(0.001 * 2**tier for tier in range(early + 1)),
        cut_bytes=tuple(100.0 * (cut + 1) for cut in range(early)),
        links=tuple(Link(fixed_s=0.01 * (cut + 1), bytes_per_s=1e4) for cut in range(early)),
    )


@given(outcomes())
def test_the_expected_costs_are_the_mean_over_the_records(found: Outcomes) -> None:
    known = costs(found.early)
    path = falling_path(found, steps=12)
    for point, row in zip(trade(path, found, known), path, strict=True):
        taken = exits_taken(found, row)
        seconds = [sum(known.tier_s[: exit + 1]) + sum(crossing_s(known, cut) for cut in range(exit)) for exit in taken]
        assert point.latency_s == pytest.approx(np.mean(seconds))
        assert point.sent_bytes == pytest.approx(np.mean([sum(known.cut_bytes[:exit]) for exit in taken]))


def crossing_s(known: Costs, cut: int) -> float:
    return known.cut_bytes[cut] / known.links[cut].bytes_per_s + known.links[cut].fixed_s


@given(outcomes())
def test_down_the_path_everything_but_accuracy_gets_cheaper(found: Outcomes) -> None:
    points = trade(falling_path(found, steps=12), found, costs(found.early))
    for values in ([point.latency_s for point in points], [point.sent_bytes for point in points]):
        numbers = np.array(values)
        assert (np.diff(numbers) <= 1e-12).all()
    assert points[0].harm == 0
    assert points[0].accuracy == pytest.approx(found.right[-1].mean())
    assert points[-1].accuracy == pytest.approx(found.right[0].mean())


@given(outcomes())
def test_no_more_accuracy_is_lost_than_there_is_harm(found: Outcomes) -> None:
    whole = found.right[-1].mean()
    for point in trade(falling_path(found, steps=12), found):
        assert point.accuracy >= whole - point.harm - 1e-9


def test_the_expected_costs_by_hand() -> None:
    seconds, size = expected_costs((0.5, 0.3, 0.2), COSTS)
    assert seconds == pytest.approx(0.001 + 0.5 * (0.014 + 0.002) + 0.2 * (0.051 + 0.005))
    assert size == pytest.approx(0.5 * 400 + 0.2 * 1000)


def test_without_costs_the_trade_has_none() -> None:
    found = population(200, 1)
    points = trade(falling_path(found, steps=10), found)
    assert {point.latency_s for point in points} == {None}
    assert decode(encode(points[3]), type(points[3])) == points[3]


def test_costs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one entry for each pair"):
        Costs(tier_s=(1, 2), cut_bytes=(1, 2), links=(Link(fixed_s=0, bytes_per_s=1),))
    found = population(20, 1)
    with pytest.raises(ValueError, match="costs of 1 cuts for 2 early exits"):
        trade(falling_path(found), found, costs(1))
