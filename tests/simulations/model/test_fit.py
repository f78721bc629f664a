"""A fit to a simulated run finds what the run was simulated with."""

from collections.abc import Callable

import numpy as np
import pytest

from shared.errors import DocumentError
from simulations.experiment.document import Arrivals, Experiment, Load
from simulations.experiment.quantities import Duration, Rate
from simulations.model import simulate
from simulations.model.fit import fitted
from simulations.model.service import ServiceTimes

MakeExperiment = Callable[..., Experiment]
MakeTimes = Callable[..., ServiceTimes]
TIERS = ("edge", "fog", "cloud")


def fit(experiment: Experiment, true: ServiceTimes, known: ServiceTimes) -> tuple[ServiceTimes, ServiceTimes]:
    outcome = simulate(experiment, true)
    return true, fitted(experiment, outcome.tables(), known)


def test_a_fit_finds_the_times_of_the_run(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    load = Load(clients=200, rate=Rate(0.05), duration=Duration(60))
    costs = {"send_record_s": 0.0005, "append_s": 0.003, "fetch_s": 0.004}
    true, found = fit(continuum(load=load), make_times(*TIERS, **costs), make_times(*TIERS))
    for tier in TIERS:
        for cost in costs:
            assert getattr(found.of(tier), cost) == pytest.approx(getattr(true.of(tier), cost), rel=0.1), cost
    shares = [found.of(tier).exit_share for tier in TIERS]
    assert shares == pytest.approx([0.25, 1 / 3, 1.0], abs=0.05)


def test_a_busy_run_tells_a_batch_from_its_records(make_experiment: MakeExperiment, make_times: MakeTimes) -> None:
    load = Load(clients=20, arrivals=Arrivals.BURST, records=60, rate=Rate(3))
    true = make_times(infer_s=0.002, send_record_s=0.0001, take_s=0.0001)
    _, found = fit(make_experiment(load=load), true, make_times(take_s=0.0001))
    assert found.of("edge").infer_s == pytest.approx(0.002, rel=0.02)
    assert found.of("edge").infer_record_s == pytest.approx(0.001, rel=0.02)
    assert found.of("edge").send_record_s == pytest.approx(0.0001, rel=0.02)


def test_what_is_fitted_gives_the_latencies_it_was_fitted_to(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    load = Load(clients=200, rate=Rate(0.05), duration=Duration(60))
    experiment = continuum(load=load)
    true, found = fit(experiment, make_times(*TIERS, send_s=0.001, append_s=0.002), make_times(*TIERS))
    real, modelled = (simulate(experiment, times).latencies_s() for times in (true, found))
    for share in (50, 95):
        assert np.percentile(modelled, share) == pytest.approx(np.percentile(real, share), rel=0.03)


def test_a_run_that_was_never_idle_is_refused(continuum: MakeExperiment, make_times: MakeTimes) -> None:
    with pytest.raises(DocumentError, match=r"tiers\.edge: only \d+ micro-batches found an agent idle"):
        fit(continuum(load=Load(clients=2, rate=Rate(1), duration=Duration(2))), make_times(*TIERS), make_times(*TIERS))
