"""The model is quick enough for 100,000 devices, by CPU time, so that a busy machine does not matter."""

import pytest

from simulations.model.measure import experiment, records_per_s


@pytest.mark.parametrize(("clients", "rate"), [(20_000, 0.2), (32, 60.0)])
def test_twenty_thousand_device_records_take_less_than_a_second(clients: int, rate: float) -> None:
    assert records_per_s(experiment(clients, rate=rate, duration_s=10, replicas=2)) > 20_000
