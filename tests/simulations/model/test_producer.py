"""A producer to an agent's own or the upper tier: a request at a time, a parcel behind it, and then nobody goes on."""

from functools import partial

import numpy as np
import pytest

from simulations.model.broker import Broker
from simulations.model.clock import Clock
from simulations.model.lines import Line, LineSettings
from simulations.model.nanoseconds import NEVER
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.producer import Parcel, Producer
from simulations.model.service import TierService
from simulations.model.weather import Weather

MS = 1_000_000


class Stage:
    """A producer 10 ms from its broker, and what became of parcels that were put at these moments, one after the other
    or as soon as their sender may go on."""

    def __init__(self, *, partitions: int = 1, brokers: int = 1, cut_ms: float | None = None) -> None:
        self.clock = Clock()
        outages = Outages() if cut_ms is None else Outages([(round(cut_ms * MS), NEVER)])
        settings = LineSettings(link="edge-fog", weather=Weather(latency_s=0.01), outages=outages)
        lines = [Line(settings, np.random.default_rng(1)) for _ in range(2)]
        noise = Noise(np.random.default_rng(1), 0.0)
        service = TierService(infer_s=0, infer_record_s=0)
        self.producer = Producer(
            self.clock,
            Broker(service, brokers=brokers, delay_s=0.0, outages=Outages(), noise=noise),
            up=(lines[0],),
            down=(lines[1],),
            partitions=partitions,
            brokers=brokers,
            deadline_ns=100 * MS,
        )
        self.queued: dict[int, float] = {}
        self.acked: dict[int, float] = {}

    def put(self, *at_ms: float) -> None:
        for number, moment in enumerate(at_ms):
            self.clock.at(round(moment * MS), partial(self._put, number))
        self.clock.run()

    def _put(self, number: int, now: int) -> None:
        def queued(moment: int) -> None:
            assert number not in self.queued
            self.queued[number] = moment / MS

        def arrived(_: int, acked: int) -> None:
            self.acked[number] = acked / MS

        self.producer.put(now, Parcel(records=1, bytes=100, queued=queued, arrived=arrived))


def test_a_second_parcel_waits_for_the_first_and_a_third_holds_up_its_sender() -> None:
    stage = Stage()
    stage.put(0, 1, 2)
    assert list(stage.queued.values()) == pytest.approx([0, 1, 20], abs=0.01)
    assert list(stage.acked.values()) == pytest.approx([20, 40, 60], abs=0.01)


def test_parcels_of_several_partitions_share_a_request() -> None:
    stage = Stage(partitions=3)
    stage.put(0, 1, 2, 3)
    assert list(stage.queued.values()) == pytest.approx([0, 1, 2, 3], abs=0.01)
    assert list(stage.acked.values()) == pytest.approx([20, 40, 40, 40], abs=0.01)


def test_each_broker_has_a_request_of_its_own() -> None:
    stage = Stage(partitions=3, brokers=3)
    stage.put(0, 1, 2)
    assert list(stage.acked.values()) == pytest.approx([20, 21, 22], abs=0.01)


def test_nobody_stands_still_longer_than_the_deadline() -> None:
    stage = Stage(cut_ms=0.001)
    stage.put(0, 1, 2, 3)
    assert list(stage.queued.values()) == pytest.approx([0, 1, 100, 100], abs=0.01)
    assert stage.producer.given_up_at(200 * MS) == 200 * MS
    assert set(stage.acked) == {0}
