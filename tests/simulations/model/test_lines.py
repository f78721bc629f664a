"""One direction of one link: bandwidth, latency, jitter, stalls, outages; one message or many, the same answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.document import Jitter
from simulations.model.lines import Line, LineSettings, acknowledged, send
from simulations.model.outages import Outages
from simulations.model.weather import Weather

STILL = Weather(latency_s=0.02)
messages = st.lists(st.tuples(st.integers(0, 10**10), st.integers(1, 10**6)), max_size=30).map(sorted)
outages = st.lists(st.tuples(st.integers(0, 10**10), st.integers(1, 10**9)), max_size=3)


def line(weather: Weather = STILL, **fields: object) -> Line:
    settings = LineSettings(link="a-b", weather=weather, **fields)  # type: ignore[arg-type]
    return Line(settings, np.random.default_rng(1))


@given(messages, outages, st.floats(1e3, 1e9))
def test_one_by_one_and_all_at_once_arrive_alike(
    messages: list[tuple[int, int]], away: list[tuple[int, int]], bytes_per_s: float
) -> None:
    cut = Outages((begin, begin + length) for begin, length in away)
    factors = ((10**9, 2.0), (5 * 10**9, 1.0))
    one, many = (line(bytes_per_s=bytes_per_s, outages=cut, factors=factors) for _ in range(2))
    table = np.array(messages, dtype=np.int64).reshape(-1, 2)
    expected = [one.send(at, size) for at, size in messages]
    assert many.send_all(table[:, 0], table[:, 1]).tolist() == expected
    assert (one.bytes, one.messages) == (many.bytes, many.messages)


@given(st.lists(st.integers(0, 10**10)), outages)
def test_acknowledgements_too(times: list[int], away: list[tuple[int, int]]) -> None:
    cut = Outages((begin, begin + length) for begin, length in away)
    one = line(outages=cut, factors=((10**9, 3.0),))
    at = np.array(times, dtype=np.int64)
    assert one.all_acknowledged_after(at).tolist() == [one.acknowledged_after(moment) for moment in times]


def test_a_megabyte_over_a_megabyte_a_second_takes_a_second_and_the_latency() -> None:
    assert line(bytes_per_s=1e6).send(0, 10**6) == pytest.approx(1.02e9)


def test_links_in_a_row_add_up() -> None:
    lines = [line(), line()]
    assert send(lines, 0, 100) == pytest.approx(0.04e9, abs=10)
    assert acknowledged(lines, 0) == 40_000_000


@pytest.mark.parametrize("distribution", list(Jitter))
def test_jitter_has_the_mean_and_the_deviation_that_were_asked_for(distribution: Jitter) -> None:
    weather = Weather(latency_s=0.1, jitter_s=0.01, distribution=distribution)
    delays_s = weather.delays(np.random.default_rng(2), 200_000) / 1e9
    expected_s = 0.01 / np.sqrt(3) if distribution is Jitter.UNIFORM else 0.01
    assert delays_s.mean() == pytest.approx(0.1, rel=0.01)
    assert delays_s.std() == pytest.approx(expected_s, rel=0.15)
    assert delays_s.min() >= 0


def test_a_small_message_that_is_lost_waits_for_the_timeout() -> None:
    weather = Weather(latency_s=0.02, loss=0.01)
    stalls = weather.stalls(np.random.default_rng(3), np.full(100_000, 500))
    assert np.mean(stalls > 0) == pytest.approx(0.01, rel=0.1)
    assert set(stalls.tolist()) == {0, 200_000_000}


def test_most_of_a_large_message_is_missed_early() -> None:
    weather = Weather(latency_s=0.02, loss=0.0001)
    stalls = weather.stalls(np.random.default_rng(4), np.full(100_000, 144_800))
    assert np.mean(stalls > 0) == pytest.approx(0.01, rel=0.1)
    assert np.mean(stalls[stalls > 0] == 40_000_000) == pytest.approx(0.97, abs=0.02)
