"""Plans hold, are no larger than they must be, and say why there is none."""

from collections.abc import Callable

import numpy as np
import pytest

from shared.errors import DocumentError
from simulations.experiment.document import Arrivals, Experiment, Link, Load
from simulations.experiment.quantities import Bandwidth, Duration, Rate
from simulations.model.capacity import arriving, uses
from simulations.model.plan import least_nodes, plan, with_nodes
from simulations.model.service import ServiceTimes
from simulations.model.simulation import simulate

MakeExperiment = Callable[..., Experiment]
MakeTimes = Callable[..., ServiceTimes]
TIERS = ("edge", "fog", "cloud")
LOAD = Load(clients=1000, rate=Rate(3), duration=Duration(5))


def test_three_thousand_records_a_second_of_a_millisecond_need_four_agents(
    continuum: MakeExperiment, make_times: MakeTimes
) -> None:
    experiment, times = continuum(load=LOAD), make_times(*TIERS)
    assert arriving(experiment, times).tolist() == pytest.approx([3000, 2250, 1500])
    assert least_nodes(experiment, times) == {"edge": 4, "fog": 3, "cloud": 2}


def test_a_plan_meets_its_target_when_it_is_simulated(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    experiment, times = continuum(load=LOAD), make_times(*TIERS)
    found = plan(experiment, times, target_p99_s=0.6)
    outcome = simulate(with_nodes(experiment, found.nodes), times)
    assert found.is_met
    assert np.percentile(outcome.latencies_s(), 99) <= 0.6
    assert found.grows_to > 1


def test_a_target_below_the_speed_of_the_links_is_met_by_no_plan(
    continuum: MakeExperiment, make_times: MakeTimes
) -> None:
    found = plan(continuum(load=LOAD), make_times(*TIERS), target_p99_s=0.1, most_nodes=12)
    assert not found.is_met
    assert found.p99_s > 0.18
    assert "more nodes do not help" in found.reason


def test_a_link_that_is_full_is_named(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    links = (Link(between=("edge", "fog"), bandwidth=Bandwidth(1e6)),)
    found = plan(continuum(load=LOAD, links=links), make_times(*TIERS), target_p99_s=1)
    assert found.reason == "link edge-fog up is full"
    assert found.breaks_first.what == "link edge-fog up"
    assert found.breaks_first.share == pytest.approx(2250 * 1024 / 1e6)


def test_a_load_without_a_rate_cannot_be_planned_for(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    load = Load(clients=10, arrivals=Arrivals.BURST, records=10)
    with pytest.raises(DocumentError, match=r"load\.rate"):
        plan(continuum(load=load), make_times(*TIERS), target_p99_s=1)


def test_what_is_used_beyond_its_capacity_makes_latency_grow_with_time(
    continuum: MakeExperiment, make_times: MakeTimes
) -> None:
    experiment, times = continuum(load=LOAD), make_times(*TIERS)
    assert uses(experiment, times)[0].what == "agents of edge"
    assert uses(experiment, times)[0].share == pytest.approx(3.0)
    outcome = simulate(experiment, times)
    order = np.argsort(outcome.records.due)
    latency = (outcome.answered - outcome.records.due)[order]
    assert latency[-100:].mean() > 5 * latency[:100].mean()
