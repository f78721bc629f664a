"""Lindley's recursion against a loop, and against what queueing theory says of long runs.

Waiting times from L. Kleinrock, "Queueing Systems, Volume 1: Theory" (1975), section 5.6, the Pollaczek-Khinchin mean:
W = rho x (1 + c^2) / (2 (1 - rho)), x the mean service time, c its coefficient of variation: 1 for M/M/1, 0 for M/D/1.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.model.nanoseconds import Times, all_nanoseconds
from simulations.model.queues import departures, grouped_departures, in_order

RECORDS = 400_000
SERVICE_S = 0.001
jobs = st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**10)), max_size=40)
grouped_jobs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10**12), st.integers(0, 10**10)), max_size=40)


def by_loop(arrivals: Times, services: Times, free: int = 0) -> list[int]:
    done = []
    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        free = max(arrival, free) + service
        done.append(free)
    return done


@given(jobs, st.integers(0, 10**12))
def test_departures_are_those_of_the_recursion(jobs: list[tuple[int, int]], free_from: int) -> None:
    table = np.array(sorted(jobs), dtype=np.int64).reshape(-1, 2)
    assert departures(table[:, 0], table[:, 1], free_from=free_from).tolist() == by_loop(
        table[:, 0], table[:, 1], free_from
    )


@given(grouped_jobs)
def test_each_group_has_a_server_of_its_own(jobs: list[tuple[int, int, int]]) -> None:
    table = np.array(sorted(jobs), dtype=np.int64).reshape(-1, 3)
    expected: list[int] = []
    for group in np.unique(table[:, 0]):
        mine = table[table[:, 0] == group]
        expected += by_loop(mine[:, 1], mine[:, 2])
    assert grouped_departures(table[:, 0], table[:, 1], table[:, 2]).tolist() == expected


@given(grouped_jobs)
def test_in_order_delays_as_little_as_it_can(jobs: list[tuple[int, int, int]]) -> None:
    table = np.array(sorted(jobs, key=lambda job: job[0]), dtype=np.int64).reshape(-1, 3)
    ordered = in_order(table[:, 0], table[:, 1])
    for group in np.unique(table[:, 0]):
        mine = table[:, 0] == group
        assert ordered[mine].tolist() == np.maximum.accumulate(table[mine, 1]).tolist()


def test_times_too_great_to_lift_are_ordered_all_the_same() -> None:
    groups = np.repeat(np.arange(100, dtype=np.int64), 2)
    times = np.tile(np.array([2**60, 0], dtype=np.int64), 100)
    assert in_order(groups, times).tolist() == [2**60] * 200


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
@pytest.mark.parametrize(("kind", "variation"), [("M/D/1", 0.0), ("M/M/1", 1.0)])
def test_the_mean_wait_is_that_of_pollaczek_and_khinchin(load: float, kind: str, variation: float) -> None:
    random = np.random.default_rng(3)
    arrivals = all_nanoseconds(np.cumsum(random.exponential(SERVICE_S / load, RECORDS)))
    drawn = random.exponential(SERVICE_S, RECORDS) if kind == "M/M/1" else np.full(RECORDS, SERVICE_S)
    services = all_nanoseconds(drawn)
    waits_s = (departures(arrivals, services) - services - arrivals) / 1e9
    expected_s = load * SERVICE_S * (1 + variation) / (2 * (1 - load))
    assert waits_s.mean() == pytest.approx(expected_s, rel=0.05)


def test_the_wait_of_m_m_1_has_an_exponential_tail() -> None:
    """P(wait > t) = rho exp(-(1 - rho) t / x): Kleinrock (1975), section 5.12."""
    random = np.random.default_rng(5)
    load = 0.7
    arrivals = all_nanoseconds(np.cumsum(random.exponential(SERVICE_S / load, RECORDS)))
    services = all_nanoseconds(random.exponential(SERVICE_S, RECORDS))
    waits_s = (departures(arrivals, services) - services - arrivals) / 1e9
    for at_s in (0.0, 0.002, 0.005):
        assert np.mean(waits_s > at_s) == pytest.approx(load * np.exp(-(1 - load) * at_s / SERVICE_S), rel=0.08)
