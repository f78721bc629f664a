"""A crowd's arrivals are distributed as its clients' own."""

import numpy as np
import pytest

from simulations.experiment.arrivals import due_times
from simulations.experiment.document import Arrivals, Load
from simulations.experiment.quantities import Duration, Rate
from simulations.model.crowd import CROWD, crowd, is_crowd

LOADS = {
    "poisson for a time": Load(clients=3000, rate=Rate(2), duration=Duration(5)),
    "poisson, so many": Load(clients=3000, rate=Rate(2), records=10),
    "poisson, whichever is first": Load(clients=3000, rate=Rate(2), records=10, duration=Duration(5)),
    "evenly": Load(clients=3000, arrivals=Arrivals.UNIFORM, rate=Rate(2), duration=Duration(5)),
    "all at once, again and again": Load(clients=3000, arrivals=Arrivals.BURST, rate=Rate(2), records=3),
    "all at once": Load(clients=3000, arrivals=Arrivals.BURST, records=3),
}


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_a_crowd_is_distributed_as_its_clients_are(load: Load) -> None:
    client, times = crowd(load, np.random.default_rng(1))
    each = [due_times(load, number, 1) for number in range(load.clients)]
    counts = np.bincount(client, minlength=load.clients)
    theirs = np.concatenate(each)
    assert counts.mean() == pytest.approx(np.mean([len(one) for one in each]), rel=0.03)
    assert counts.var() == pytest.approx(np.var([len(one) for one in each]), rel=0.2, abs=1e-9)
    assert np.quantile(times, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(theirs, [0.1, 0.5, 0.9]), rel=0.1)


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_it_is_sorted_by_client_then_by_time(load: Load) -> None:
    client, times = crowd(load, np.random.default_rng(1))
    assert np.array_equal(np.lexsort((times, client)), np.arange(len(times)))


def test_few_clients_are_asked_one_by_one_and_a_trace_is_always_read() -> None:
    assert not is_crowd(Load(clients=CROWD - 1))
    assert is_crowd(Load(clients=CROWD))
    assert not is_crowd(Load(clients=CROWD, arrivals=Arrivals.TRACE))


@pytest.mark.parametrize(
    "load",
    [
        Load(rate=Rate(1)),
        Load(duration=Duration(1)),
        Load(arrivals=Arrivals.BURST),
        Load(arrivals=Arrivals.UNIFORM, rate=Rate(1)),
    ],
)
def test_a_load_without_end_or_rate_is_refused(load: Load) -> None:
    with pytest.raises(ValueError, match="need"):
        crowd(load, np.random.default_rng(1))
