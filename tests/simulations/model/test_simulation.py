"""Whole runs: against reckoning by hand, against queueing theory, and against themselves."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from shared.documents.deployment import Batching, UplinkMode
from shared.errors import DocumentError
from simulations.experiment.document import Arrivals, Experiment, Fault, FaultKind, Link, Load, Network, Planted, Tier
from simulations.experiment.quantities import Bandwidth, Duration, Rate, Share
from simulations.measurement.columns import to_rows
from simulations.measurement.rows import HopRow, RecordRow
from simulations.model import simulate
from simulations.model.nanoseconds import NEVER
from simulations.model.service import ServiceTimes

MakeExperiment = Callable[..., Experiment]
MakeTimes = Callable[..., ServiceTimes]
ONE_BY_ONE = Batching(max_records=1)


def test_a_record_alone_takes_what_its_steps_take(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    """30 ms up, 10 ms to append, 5 ms to fetch, 1 ms to infer, 10 ms to append the answer, 30 ms down."""
    link = Link(between=("clients", "edge"), latency=Duration(0.03))
    load = Load(arrivals=Arrivals.BURST, records=1)
    outcome = simulate(make_experiment(links=(link,), load=load), make_times(append_s=0.01, fetch_s=0.005))
    assert outcome.latencies_s().tolist() == pytest.approx([0.086], abs=1e-7)
    assert outcome.acked[0] == pytest.approx(0.07e9, abs=100)


def test_a_burst_waits_for_the_bandwidth_it_shares(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    """100 clients of 1024 bytes and 160 of a request over 118,400 bytes a second: the last one is up after a second."""
    link = Link(between=("clients", "edge"), bandwidth=Bandwidth(118_400), bandwidth_down=Bandwidth(1e9))
    load = Load(clients=100, arrivals=Arrivals.BURST, records=1)
    outcome = simulate(make_experiment(links=(link,), load=load), make_times())
    assert outcome.latencies_s().max() == pytest.approx(1.001, abs=1e-4)


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_an_agent_that_takes_one_record_at_a_time_is_m_d_1(
    load: float, make_experiment: MakeExperiment, make_times: MakeTimes
) -> None:
    """W = rho x / (2 (1 - rho)): Kleinrock, "Queueing Systems, Volume 1" (1975), section 5.6."""
    clients = Load(clients=50, rate=Rate(20 * load), duration=Duration(100))
    tier = Tier(name="edge", batching=ONE_BY_ONE)
    outcome = simulate(make_experiment(tiers=(tier,), load=clients), make_times())
    expected_s = 0.001 + load * 0.001 / (2 * (1 - load))
    assert outcome.latencies_s().mean() == pytest.approx(expected_s, rel=0.05)


def test_two_agents_with_a_partition_each_are_two_queues(
    make_experiment: MakeExperiment, make_times: MakeTimes
) -> None:
    """Records fall on partitions at random, so each agent has half of a Poisson stream: M/D/1 at half the load."""
    tier = Tier(name="edge", partitions=2, replicas=2, batching=ONE_BY_ONE)
    clients = Load(clients=50, rate=Rate(28), duration=Duration(60))
    outcome = simulate(make_experiment(tiers=(tier,), load=clients), make_times())
    assert outcome.latencies_s().mean() == pytest.approx(0.001 + 0.7 * 0.001 / 0.6, rel=0.05)


def test_more_replicas_than_partitions_change_nothing(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    clients = Load(clients=50, rate=Rate(16), duration=Duration(10))
    two, eight = (
        simulate(make_experiment(tiers=(Tier(name="edge", partitions=2, replicas=n),), load=clients), make_times())
        for n in (2, 8)
    )
    assert np.array_equal(two.answered, eight.answered)


def test_the_same_seed_gives_the_same_bytes(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    links = tuple(Link(between=ends, preset="wan") for ends in (("edge", "fog"), ("fog", "cloud")))
    experiment, times = continuum(links=links), make_times("edge", "fog", "cloud")
    first, second = (simulate(experiment, times).record_columns() for _ in range(2))
    assert all(first[name].tolist().__repr__() == second[name].tolist().__repr__() for name in first)
    other = simulate(experiment, times, repetition=1).record_columns()
    assert other["due_us"].tolist() != first["due_us"].tolist()


def test_records_leave_where_they_were_planted_to(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    load = Load(clients=100, rate=Rate(10), duration=Duration(20))
    outcome = simulate(continuum(load=load), make_times("edge", "fog", "cloud", infer_record_s=1e-6))
    assert np.bincount(outcome.tier) / len(outcome.tier) == pytest.approx([0.25, 0.25, 0.5], abs=0.02)
    assert outcome.lost == 0


def test_each_tier_higher_costs_a_round_trip_more(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    load = Load(clients=1, arrivals=Arrivals.UNIFORM, rate=Rate(1), duration=Duration(50))
    outcome = simulate(continuum(load=load), make_times("edge", "fog", "cloud", infer_record_s=1e-6))
    for tier in range(3):
        assert np.median(outcome.latencies_s()[outcome.tier == tier]) == pytest.approx(0.06 * (tier + 1), abs=1e-4)


def test_room_full_of_features_on_their_way_holds_up_what_the_edge_could_answer(
    continuum: MakeExperiment, make_times: MakeTimes
) -> None:
    load = Load(clients=200, rate=Rate(1), duration=Duration(10))
    small = Batching(max_records=2)
    tiers = (Tier(name="edge", batching=small), Tier(name="fog"), Tier(name="cloud"))
    little = msgspec.structs.replace(make_times("edge", "fog", "cloud", infer_record_s=1e-6), full_batches=2)
    waited = []
    for times in (little, msgspec.structs.replace(little, full_batches=1000)):
        outcome = simulate(continuum(load=load, tiers=tiers), times)
        hops = outcome.tiers[0].hops
        waited.append(np.median(hops.received - outcome.records.due[hops.row] - 30e6) / 1e6)
    assert waited[0] > 20
    assert waited[1] == pytest.approx(0, abs=0.1)


def test_planted_shares_that_do_not_fit_are_refused(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    with pytest.raises(DocumentError, match="needs 2 shares"):
        simulate(continuum(network=Network(planted=Planted(shares=(Share(0.5),)))), make_times("edge", "fog", "cloud"))


def test_a_tier_that_was_not_measured_is_named(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    with pytest.raises(DocumentError, match="no service times of tier 'fog', only of edge"):
        simulate(continuum(), make_times("edge"))


def test_a_cut_uplink_loses_nothing_in_wait(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    faults = (
        Fault(at=Duration(2), kind=FaultKind.CUT, on="link:edge-fog"),
        Fault(at=Duration(5), kind=FaultKind.MEND, on="link:edge-fog"),
    )
    outcome = simulate(continuum(faults=faults), make_times("edge", "fog", "cloud"))
    went_up = outcome.tier > 0
    during = (outcome.records.due > 2e9) & (outcome.records.due < 4.9e9)
    assert outcome.lost == 0
    assert outcome.answered[went_up & during].min() > 5e9


def test_degrade_answers_at_the_edge_while_the_uplink_is_cut(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    tiers = (Tier(name="edge", uplink=UplinkMode.DEGRADE), Tier(name="fog"), Tier(name="cloud"))
    faults = (Fault(at=Duration(2), kind=FaultKind.CUT, on="link:edge-fog"),)
    outcome = simulate(continuum(tiers=tiers, faults=faults), make_times("edge", "fog", "cloud"))
    late = outcome.records.due > 2e9
    assert outcome.lost == 0
    assert set(outcome.tier[late].tolist()) == {0}
    assert outcome.is_degraded[late].any()
    assert not outcome.is_degraded[outcome.tier > 0].any()


def test_a_killed_agents_records_are_answered_when_it_is_back(
    make_experiment: MakeExperiment, make_times: MakeTimes
) -> None:
    faults = (
        Fault(at=Duration(3), kind=FaultKind.KILL, on="agent:edge-1"),
        Fault(at=Duration(4), kind=FaultKind.RESTART, on="agent:edge-1"),
    )
    outcome = simulate(make_experiment(faults=faults), make_times())
    waited = (outcome.records.due > 3e9) & (outcome.records.due < 9e9)
    assert outcome.lost == 0
    assert outcome.answered[waited].min() >= 9e9


def test_another_agent_takes_over_after_the_session(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    tier = Tier(name="edge", partitions=2, replicas=2)
    load = Load(clients=10, rate=Rate(10), duration=Duration(20))
    faults = (Fault(at=Duration(3), kind=FaultKind.KILL, on="agent:edge-2"),)
    outcome = simulate(make_experiment(tiers=(tier,), load=load, faults=faults), make_times())
    assert outcome.lost == 0
    assert 5.5 < outcome.latencies_s().max() < 6.5


def test_a_record_without_an_agent_is_lost(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    faults = (Fault(at=Duration(0), kind=FaultKind.KILL, on="agent:edge-1"),)
    outcome = simulate(make_experiment(faults=faults), make_times())
    assert outcome.lost == len(outcome.records)
    assert set(outcome.answered.tolist()) == {NEVER}
    assert outcome.throughput() == 0.0


def test_what_a_paused_agent_holds_waits_for_it(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    pause = Fault(at=Duration(3), kind=FaultKind.PAUSE, on="agent:edge-1")
    resume = Fault(at=Duration(5), kind=FaultKind.RESUME, on="agent:edge-1")
    for_good, for_a_while = (
        simulate(make_experiment(faults=faults), make_times()) for faults in ((pause,), (pause, resume))
    )
    during = (for_a_while.records.due > 3e9) & (for_a_while.records.due < 5e9)
    assert for_a_while.lost == 0
    assert for_a_while.answered[during].min() >= 5e9
    assert np.array_equal(for_good.is_answered, for_good.records.due < 3e9)
    assert len(for_good.hop_columns()["id"]) == np.count_nonzero(for_good.is_answered)


def test_the_tables_are_those_of_a_real_run(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    outcome = simulate(continuum(), make_times("edge", "fog", "cloud"))
    records = to_rows(RecordRow, outcome.record_columns(cell=1, repetition=2))
    hops = to_rows(HopRow, outcome.hop_columns(cell=1, repetition=2))
    assert {(row.cell, row.repetition) for row in records} == {(1, 2)}
    assert len({row.id for row in records}) == len(records)
    passed = {row.id: 1 + ["edge", "fog", "cloud"].index(row.tier or "") for row in records}
    assert len(hops) == sum(passed.values())
    for row in hops:
        assert row.received_us <= row.inferred_us <= row.sent_us <= (row.acked_us or 0)


def test_a_model_of_nobody_answers_nothing(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    load = Load(clients=3, rate=Rate(1e-6), duration=Duration(1))
    outcome = simulate(make_experiment(load=load), make_times())
    assert len(outcome.records) == 0
    assert outcome.hop_columns()["id"].tolist() == []
