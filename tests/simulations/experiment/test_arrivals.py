from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.arrivals import due_times
from simulations.experiment.document import Arrivals, Load
from simulations.experiment.quantities import Duration, Rate

seeds = st.integers(0, 2**63 - 1)
clients = st.integers(0, 100_000)


def steady(arrivals: Arrivals = Arrivals.POISSON, *, rate: float = 10.0, **rest: Any) -> Load:  # noqa: ANN401
    return Load(arrivals=arrivals, rate=Rate(rate), **rest)


at_a_rate = st.builds(
    steady,
    st.sampled_from([Arrivals.POISSON, Arrivals.UNIFORM]),
    rate=st.floats(0.01, 1000),
    records=st.none() | st.integers(1, 3000),
    duration=st.floats(0.1, 3).map(Duration),
)


@given(at_a_rate, clients, seeds)
def test_times_ascend_from_the_begin_and_keep_the_loads_end(load: Load, client: int, seed: int) -> None:
    times = due_times(load, client, seed)
    assert times.dtype == np.float64
    assert load.duration is not None
    assert np.all(np.diff(times) >= 0)
    assert np.all((times >= 0) & (times < load.duration))
    assert load.records is None or len(times) <= load.records


@given(at_a_rate, clients, seeds)
def test_the_same_seed_gives_the_same_bytes(load: Load, client: int, seed: int) -> None:
    assert due_times(load, client, seed).tobytes() == due_times(load, client, seed).tobytes()


@pytest.mark.parametrize("arrivals", [Arrivals.POISSON, Arrivals.UNIFORM])
@given(seed=seeds, fewer=st.integers(1, 3000), more=st.integers(0, 3000))
def test_a_longer_load_begins_with_the_times_of_a_shorter_one(
    arrivals: Arrivals, seed: int, fewer: int, more: int
) -> None:
    longer = due_times(steady(arrivals, records=fewer + more), 0, seed)
    np.testing.assert_array_equal(longer[:fewer], due_times(steady(arrivals, records=fewer), 0, seed))


@given(seeds, clients, clients)
def test_no_two_clients_share_a_stream(seed: int, one: int, other: int) -> None:
    load = steady(records=20)
    same = np.array_equal(due_times(load, one, seed), due_times(load, other, seed))
    assert same == (one == other)


def test_poisson_arrivals_have_the_rate_and_the_spread_of_their_law() -> None:
    gaps = np.diff(due_times(steady(rate=50.0, records=200_000), 3, 7))
    # Five standard errors: mean and standard deviation of an exponential law are both 1 / rate.
    assert gaps.mean() == pytest.approx(0.02, rel=5 / 200_000**0.5)
    assert gaps.std() == pytest.approx(0.02, rel=5 * (2 / 200_000) ** 0.5)


def test_streams_of_two_clients_are_uncorrelated() -> None:
    one, other = (np.diff(due_times(steady(records=100_001), client, 7)) for client in (0, 1))
    assert abs(np.corrcoef(one, other)[0, 1]) < 5 / 100_000**0.5


def test_uniform_arrivals_are_evenly_spaced_each_client_from_its_own_moment() -> None:
    load = steady(Arrivals.UNIFORM, rate=4.0, duration=Duration(10))
    firsts = []
    for client in range(100):
        times = due_times(load, client, 1)
        np.testing.assert_allclose(np.diff(times), 0.25)
        assert len(times) == 40
        firsts.append(times[0])
    assert len(set(firsts)) == 100
    assert 0 <= min(firsts) < 0.05 < 0.2 < max(firsts) < 0.25


def test_a_burst_is_all_at_once() -> None:
    np.testing.assert_array_equal(due_times(Load(arrivals=Arrivals.BURST, records=3), 5, 1), [0.0, 0.0, 0.0])


def test_bursts_at_a_rate_come_to_all_clients_at_the_same_moments() -> None:
    load = Load(arrivals=Arrivals.BURST, records=3, rate=Rate(2), clients=2)
    for client in range(load.clients):
        np.testing.assert_array_equal(due_times(load, client, 1), [0.0, 0.5, 1.0])


@given(st.integers(1, 9), st.lists(st.floats(0, 1e6), max_size=50).map(sorted))
def test_a_trace_is_dealt_to_the_clients_without_rest(number: int, times: list[float]) -> None:
    load = Load(arrivals=Arrivals.TRACE, trace="times.txt", clients=number)
    dealt = [due_times(load, client, 1, trace=np.array(times)) for client in range(number)]
    assert sorted(np.concatenate(dealt)) == times
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


@pytest.mark.parametrize(
    ("load", "missing"),
    [
        (Load(arrivals=Arrivals.BURST), "records"),
        (Load(records=1), "rate"),
        (Load(rate=Rate(0), records=1), "rate"),
        (Load(rate=Rate(1)), "duration"),
        (Load(arrivals=Arrivals.TRACE, trace="times.txt"), "trace"),
    ],
)
def test_a_load_that_lacks_something_is_refused(load: Load, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        due_times(load, 0, 1)
