"""Claims about made-up cells, of which it is known whether they are true."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from simulations.experiment.codec import decode
from simulations.measurement.estimators import Estimator, Quantile, Ratio
from simulations.measurement.statistics import Interval
from simulations.paper.setups import Measured, Setup, label
from simulations.paper.shapes import Origin, Shape, Verdict, above, below, same, shapes

THREE = ("edge", "fog", "cloud")
REPETITIONS = 8


def experiment(*, tiers: Sequence[str] = THREE, clients: int = 32, faults: bool = False, **each: Any) -> Any:  # noqa: ANN401
    """Every tier with the same settings."""
    return decode(
        {
            "api_version": "fogline/v1",
            "kind": "experiment",
            "name": "made",
            "places": list(THREE),
            "tiers": [{"name": tier, **each} for tier in tiers],
            "load": {"clients": clients, "arrivals": "burst", "records": 1},
            "faults": [{"at": "1 s", "kind": "kill", "on": f"agent:{tiers[0]}-1"}] if faults else [],
        }
    )


def cell(mean_ms: float, *, lost: float = 0.0, by_tier: Sequence[float] = (), **parts: Any) -> Measured:  # noqa: ANN401
    """Repetitions differ by a hundredth."""
    made = experiment(**parts)
    spread = np.linspace(0.99, 1.01, REPETITIONS)
    ones = np.ones(REPETITIONS)
    measures: dict[str, Estimator] = {
        "latency_mean": Ratio(mean_ms * spread, ones),
        "latency_p99": Quantile([np.full(3, 2 * mean_ms * one) for one in spread], 0.99),
        "lost": Ratio(np.full(REPETITIONS, lost), ones),
    }
    means = {f"latency_mean.{tier}": Ratio(ms * spread, ones) for tier, ms in zip(THREE, by_tier, strict=False)}
    return Measured(label=label("", made), setup=Setup.of(made), measures={**measures, **means})


def claims(cells: Sequence[Measured], origin: Origin | None = None) -> dict[tuple[str, str, str], Shape]:
    found = shapes(cells, seed=1)
    return {(one.claim, one.where, one.measure): one for one in found if origin in (None, one.origin)}


def the_only(cells: Sequence[Measured], claim: str) -> Shape:
    (found,) = (one for one in shapes(cells, seed=1) if one.claim == claim)
    return found


def test_three_tiers_are_held_against_the_cloud_alone() -> None:
    found = claims([cell(100, tiers=["cloud"]), cell(40)])
    mean = found["sooner than cloud only", "edge, fog, cloud; 32 clients", "latency_mean / cloud only"]
    assert mean.found.value == pytest.approx(0.4)
    assert mean.verdict is Verdict.HOLDS
    goal = found["at most 0.45", "edge, fog, cloud; 32 clients", "latency_mean / cloud only"]
    assert (goal.origin, goal.verdict) == (Origin.GOAL, Verdict.HOLDS)


def test_a_goal_that_is_missed_fails() -> None:
    found = claims([cell(100, tiers=["cloud"]), cell(60)], Origin.GOAL)
    assert [one.verdict for one in found.values()] == [Verdict.FAILS, Verdict.HOLDS]


def test_cells_with_other_clients_are_not_compared() -> None:
    assert claims([cell(100, tiers=["cloud"], clients=8), cell(40)]) == {}


def test_latency_that_grows_with_clients_is_told_from_one_that_does_not() -> None:
    grows = the_only([cell(10, clients=1), cell(15, clients=8), cell(30)], "grows with clients")
    assert (grows.measure, grows.verdict) == ("latency_mean / 1 client", Verdict.HOLDS)
    assert grows.found.value == pytest.approx(3.0)
    assert the_only([cell(10, clients=1), cell(9)], "grows with clients").verdict is Verdict.FAILS


def test_each_tier_is_held_against_the_one_below() -> None:
    found = claims([cell(20, by_tier=[10, 15, 60])])
    assert [one.measure for one in found.values()] == [
        "latency_mean, answered at fog / at edge",
        "latency_mean, answered at cloud / at fog",
    ]
    assert [one.found.value for one in found.values()] == pytest.approx([1.5, 4.0])


@pytest.mark.parametrize(("mean_ms", "verdict"), [(102, Verdict.HOLDS), (70, Verdict.FAILS), (110, Verdict.OPEN)])
def test_replicas_beyond_two_are_idle_within_a_tenth(mean_ms: float, verdict: Verdict) -> None:
    cells = [cell(150, replicas=1), cell(100, replicas=2), cell(mean_ms, replicas=8)]
    assert the_only(cells, "no effect beyond two replicas").verdict is verdict


def test_partitions_of_their_own_are_held_against_one_partition_and_one_replica() -> None:
    cells = [cell(100, replicas=1), cell(99, replicas=8), cell(50, replicas=8, partitions=8)]
    found = claims(cells, Origin.ANSWER)
    assert [measure for _, _, measure in found] == ["latency_mean / on one partition", "latency_mean / one replica"]
    assert {one.verdict for one in found.values()} == {Verdict.HOLDS}


def test_answers_are_held_against_what_they_answer() -> None:
    usual = cell(20, clients=4)
    one_by_one, raw = cell(40, clients=4, batching={"max_records": 1}), cell(19, clients=4, features="raw")
    found = {one.claim: one.verdict for one in shapes([usual, one_by_one, raw], seed=1)}
    assert found == {"micro-batches": Verdict.HOLDS, "features as bytes": Verdict.FAILS}


@pytest.mark.parametrize(("lost", "verdict"), [(0.0, Verdict.HOLDS), (0.125, Verdict.FAILS)])
def test_one_lost_record_fails(lost: float, verdict: Verdict) -> None:
    found = claims([cell(20, lost=lost, faults=True)])
    assert [(claim, one.verdict) for (claim, *_), one in found.items()] == [("no record lost", verdict)]


def test_a_cell_with_faults_is_compared_with_none() -> None:
    cells = [cell(20, faults=True), cell(100, replicas=2, partitions=2, faults=True)]
    assert {one.claim for one in shapes(cells, seed=1)} == {"no record lost"}


def test_a_cell_that_answered_nothing_says_only_what_it_lost() -> None:
    silent = cell(20, lost=32.0, faults=True)
    measures = {"lost": silent.measures["lost"]}
    cells = [cell(100, tiers=["cloud"]), Measured(label=silent.label, setup=silent.setup, measures=measures)]
    assert [one.claim for one in shapes(cells, seed=1)] == ["no record lost"]


@pytest.mark.parametrize(
    ("ends", "verdicts"),
    [
        ((0.8, 0.95), (Verdict.HOLDS, Verdict.FAILS, Verdict.OPEN)),
        ((0.95, 1.05), (Verdict.OPEN, Verdict.OPEN, Verdict.HOLDS)),
        ((1.2, 1.3), (Verdict.FAILS, Verdict.HOLDS, Verdict.FAILS)),
        ((None, None), (Verdict.OPEN, Verdict.OPEN, Verdict.OPEN)),
    ],
)
def test_what_an_interval_leaves_open_is_open(
    ends: tuple[float | None, float | None], verdicts: tuple[Verdict, Verdict, Verdict]
) -> None:
    low, high = ends
    found = Interval(value=1.0 if low is None or high is None else (low + high) / 2, low=low, high=high)
    assert (below(found, 1.0), above(found, 1.0), same(found, 0.1)) == verdicts
