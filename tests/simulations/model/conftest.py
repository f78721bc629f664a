"""Experiments and service times small enough to reckon by hand."""

from collections.abc import Callable

import pytest

from simulations.experiment.document import Experiment, Link, Load, Network, Planted, Tier
from simulations.experiment.quantities import Duration, Rate, Share
from simulations.model.service import ServiceTimes, TierService

MakeExperiment = Callable[..., Experiment]
MakeTimes = Callable[..., ServiceTimes]


@pytest.fixture
def make_experiment() -> MakeExperiment:
    """`fields` of the experiment; by default one client on one tier, ten records a second for ten seconds."""

    def make(**fields: object) -> Experiment:
        load = Load(clients=1, rate=Rate(10), duration=Duration(10))
        given = {"tiers": (Tier(name="edge"),), "load": load, "seed": 7, **fields}
        return Experiment(api_version="fogline/v1", kind="experiment", name="test", **given)  # type: ignore[arg-type]

    return make


@pytest.fixture
def continuum(make_experiment: MakeExperiment) -> MakeExperiment:
    """Three tiers, 30 ms between each two; a quarter leaves at the edge, a quarter at the fog."""

    def make(**fields: object) -> Experiment:
        between = (("clients", "edge"), ("edge", "fog"), ("fog", "cloud"))
        links = tuple(Link(between=ends, latency=Duration(0.03)) for ends in between)
        tiers = tuple(Tier(name=name) for name in ("edge", "fog", "cloud"))
        planted = Network(planted=Planted(shares=(Share(0.25), Share(0.25))))
        return make_experiment(**{"tiers": tiers, "links": links, "network": planted, **fields})

    return make


@pytest.fixture
def make_times() -> MakeTimes:
    """Nothing costs anything but inference, a millisecond a record unless `costs` say otherwise."""

    def make(*tiers: str, **costs: float) -> ServiceTimes:
        given: dict[str, float] = {"infer_s": 0.0, "infer_record_s": 0.001, **costs}
        service = TierService(**given)  # type: ignore[arg-type]
        return ServiceTimes(
            api_version="fogline/v1", kind="service-times", tiers=dict.fromkeys(tiers or ("edge",), service)
        )

    return make
