"""The producer of answers: a request at a time, a parcel behind it, and then nobody goes on."""

from functools import partial

import numpy as np
import pytest

from simulations.model.broker import Broker
from simulations.model.clock import Clock
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.producer import Parcel, Producer
from simulations.model.service import TierService

MS = 1_000_000


def put(*at_ms: float) -> tuple[list[float], list[float]]:
    """Parcels put at these moments into a producer whose broker takes 10 ms: when each was queued, and appended."""
    clock, queued, appended = Clock(), dict[int, float](), dict[int, float]()
    service = TierService(infer_s=0, infer_record_s=0)
    noise = Noise(np.random.default_rng(1), 0.0)
    producer = Producer(clock, Broker(service, brokers=1, delay_s=0.01, outages=Outages(), noise=noise))

    def put_one(number: int, now: int) -> None:
        def was(moments: dict[int, float], moment: int) -> None:
            assert number not in moments
            moments[number] = moment / MS

        producer.put(now, Parcel(records=1, queued=partial(was, queued), appended=partial(was, appended)))

    for number, moment in enumerate(at_ms):
        clock.at(round(moment * MS), partial(put_one, number))
    clock.run()
    return [queued[number] for number in range(len(at_ms))], [appended[number] for number in range(len(at_ms))]


def test_a_second_parcel_waits_for_the_first_and_a_third_holds_up_its_sender() -> None:
    queued, appended = put(0, 1, 2)
    assert queued == pytest.approx([0, 1, 10], abs=0.01)
    assert appended == pytest.approx([10, 20, 30], abs=0.01)


def test_parcels_far_apart_wait_for_nothing() -> None:
    queued, appended = put(0, 50)
    assert queued == pytest.approx([0, 50], abs=0.01)
    assert appended == pytest.approx([10, 60], abs=0.01)
