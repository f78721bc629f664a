"""Producers on the way up take turns, each with all that waited."""

from functools import partial

import numpy as np
import pytest

from simulations.model.broker import Broker
from simulations.model.clock import Clock
from simulations.model.lines import Line, LineSettings
from simulations.model.nanoseconds import NEVER
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.service import TierService
from simulations.model.uplink import Features, Uplink
from simulations.model.weather import Weather

MS = 1_000_000


class Stage:
    """An uplink 10 ms from its broker, and what became of features that were put at these moments."""

    def __init__(self, *, cut_ms: float | None = None) -> None:
        self.clock = Clock()
        outages = Outages() if cut_ms is None else Outages([(round(cut_ms * MS), NEVER)])
        settings = LineSettings(link="edge-fog", weather=Weather(latency_s=0.01), outages=outages)
        up, down = (Line(settings, np.random.default_rng(1)) for _ in range(2))
        noise = Noise(np.random.default_rng(1), 0.0)
        service = TierService(infer_s=0, infer_record_s=0)
        broker = Broker(service, brokers=1, delay_s=0.0, outages=Outages(), noise=noise)
        self.uplink = Uplink(self.clock, broker, up=(up,), down=(down,), deadline_ns=100 * MS)
        self.arrived: list[tuple[float, float, int]] = []

    def put(self, *at_ms: float) -> None:
        for moment in at_ms:
            self.clock.at(round(moment * MS), self._put)
        self.clock.run()

    def _put(self, now: int) -> None:
        self.uplink.put(now, Features(records=1, bytes=100, arrived=partial(self._arrived)))

    def _arrived(self, appended: int, acked: int, turn: int) -> None:
        self.arrived.append((appended / MS, acked / MS, turn))


def test_four_are_under_way_and_the_first_to_be_free_takes_all_that_waits() -> None:
    stage = Stage()
    stage.put(0, 1, 2, 3, 4, 5)
    acked = [acked for _, acked, _ in stage.arrived]
    assert acked == pytest.approx([20, 21, 22, 23, 40, 40], abs=0.01)
    assert [turn for _, _, turn in stage.arrived] == [1, 1, 1, 1, 2, 2]


def test_what_does_not_get_through_is_given_up_after_the_deadline() -> None:
    stage = Stage(cut_ms=0.5)
    stage.put(0, 1)
    assert [acked >= NEVER / MS for _, acked, _ in stage.arrived] == [True, True]
    assert stage.uplink.given_up_at(2 * MS) == 100 * MS
    assert stage.uplink.given_up_at(200 * MS) == 200 * MS


def test_an_uplink_that_works_gives_up_nothing() -> None:
    stage = Stage()
    stage.put(0, 1)
    assert stage.uplink.given_up_at(2 * MS) is None
