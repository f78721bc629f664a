"""A run that the model itself made with known service times stands in for a real one."""

from collections.abc import Callable

import pytest

from simulations.experiment.read import parse
from simulations.experiment.sweep import cells
from simulations.model import simulate
from simulations.model.service import ServiceTimes, TierService
from simulations.validation.parts import Part

FILE = """
api_version = "fogline/v1"
kind = "experiment"
name = "known"
repetitions = 3
tiers = [{ name = "edge" }, { name = "cloud" }]
links = [{ between = ["clients", "edge"], latency = "10 ms" }, { between = ["edge", "cloud"], latency = "20 ms" }]
network = { planted = { shares = ["70 %"] } }
load = { clients = 20, rate = "1 /s", duration = "10 s", warm_up = "1 s" }

[sweep.grid]
"load.rate" = ["4 /s", "1 /s", "8 /s"]
"""

MakeParts = Callable[..., tuple[Part, ...]]


@pytest.fixture
def true_times() -> ServiceTimes:
    tier = TierService(
        infer_s=0.0, infer_record_s=0.001, append_s=0.002, fetch_s=0.001, record_bytes=1024, answer_bytes=512
    )
    return ServiceTimes(
        api_version="fogline/v1", kind="service-times", tiers={"edge": tier, "cloud": tier}, listen_s=0.001
    )


@pytest.fixture
def make_parts(true_times: ServiceTimes) -> MakeParts:
    """The cells of these indices, with the tables of their repetitions."""

    def make(*indices: int, service: ServiceTimes = true_times) -> tuple[Part, ...]:
        experiment = parse(FILE)
        return tuple(
            Part(
                cell=cell,
                repetitions=tuple(
                    simulate(cell.experiment, service, cell=cell.index, repetition=number).tables(
                        cell=cell.index, repetition=number
                    )
                    for number in range(experiment.repetitions)
                ),
            )
            for cell in cells(experiment)
            if cell.index in indices
        )

    return make


@pytest.fixture
def known_file() -> str:
    return FILE
