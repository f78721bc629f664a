"""Answers wait for the request that fetches them."""

import numpy as np
import pytest

from simulations.model.answers import HELD_NS, Answers, received
from simulations.model.lines import Line, LineSettings
from simulations.model.nanoseconds import NEVER
from simulations.model.noise import Noise
from simulations.model.weather import Weather

MS = 1_000_000


def answers(*appended_ms: float, latency_s: float = 0.01, shared: Line | None = None) -> Answers:
    lines = [
        Line(LineSettings(link="edge-fog", weather=Weather(latency_s=latency_s)), np.random.default_rng(1))
        for _ in range(2)
    ]
    return Answers(
        row=np.arange(len(appended_ms)),
        appended=np.array([NEVER if one == np.inf else round(one * MS) for one in appended_ms], dtype=np.int64),
        bytes=100,
        down=(shared or lines[0],),
        up=(lines[1],),
        listen_s=0.001,
        noise=Noise(np.random.default_rng(1), 0.0),
    )


def test_one_that_comes_while_another_is_on_its_way_waits_for_the_next_request() -> None:
    """At 100 ms the request is there; the next one is after 10 ms down, 1 ms to listen and 10 ms up."""
    [times] = received([answers(100, 105, 200)])
    assert times / MS == pytest.approx([111, 132, 211], abs=0.01)


def test_all_that_waits_comes_at_once() -> None:
    [times] = received([answers(100, 101, 110, 120.9)])
    assert times / MS == pytest.approx([111, 132, 132, 132], abs=0.01)


def test_a_request_that_was_held_in_vain_is_followed_by_another() -> None:
    gap = HELD_NS / MS + 5
    [times] = received([answers(gap)])
    assert times / MS == pytest.approx([HELD_NS / MS + 20 + 11], abs=0.01)
    [later] = received([answers(10 * (HELD_NS / MS + 20) + 100)])
    assert later / MS == pytest.approx([10 * (HELD_NS / MS + 20) + 111], abs=0.01)


def test_what_is_never_there_is_never_received() -> None:
    [times] = received([answers(100, np.inf)])
    assert times[1] == NEVER


def test_tiers_share_the_bandwidth_of_a_line() -> None:
    settings = LineSettings(link="edge-fog", weather=Weather(latency_s=0.01), bytes_per_s=2500)
    shared = Line(settings, np.random.default_rng(1))
    fog, cloud = received([answers(100, shared=shared), answers(100, shared=shared)])
    assert sorted([fog[0] / MS, cloud[0] / MS]) == pytest.approx([211, 311], abs=0.1)


def test_nobody_reads_nothing() -> None:
    [times] = received([answers()])
    assert len(times) == 0
