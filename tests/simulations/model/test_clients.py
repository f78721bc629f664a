"""Producers have one request under way, and put what came meanwhile into the next."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.model.broker import Broker
from simulations.model.clients import Way, produce
from simulations.model.lines import Line, LineSettings
from simulations.model.nanoseconds import Times, all_nanoseconds
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.records import Records
from simulations.model.service import TierService
from simulations.model.weather import Weather

MS = 1_000_000


def way(latency_s: float = 0.01, append_s: float = 0.0) -> Way:
    settings = LineSettings(link="clients-edge", weather=Weather(latency_s=latency_s))
    service = TierService(infer_s=0, infer_record_s=0)
    lines = [Line(settings, np.random.default_rng(1)) for _ in range(2)]
    broker = Broker(service, brokers=1, delay_s=append_s, outages=Outages(), noise=Noise(np.random.default_rng(1), 0.0))
    return Way(up=(lines[0],), down=(lines[1],), broker=broker)


def records(client: list[int], sent_ms: list[float]) -> Records:
    sent: Times = all_nanoseconds(np.array(sent_ms) / 1e3)
    table = np.array(client, dtype=np.int64)
    return Records(client=table, number=table * 0, due=sent, sent=sent, leaves=table * 0)


def test_a_record_that_comes_while_one_is_under_way_waits_for_its_acknowledgement() -> None:
    produced = produce(records([0, 0, 0], [0, 5, 15]), 100, way)
    assert produced.appended / MS == pytest.approx([10, 30, 30], abs=0.001)
    assert produced.acked / MS == pytest.approx([20, 40, 40], abs=0.001)


def test_clients_do_not_wait_for_each_other() -> None:
    produced = produce(records([0, 1, 2], [0, 5, 15]), 100, way)
    assert produced.appended / MS == pytest.approx([10, 15, 25], abs=0.001)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 500)), min_size=1, max_size=40))
def test_no_client_has_two_requests_under_way(sent: list[tuple[int, int]]) -> None:
    table = sorted(sent)
    all_records = records([client for client, _ in table], [float(at) for _, at in table])
    produced = produce(all_records, 100, way)
    for client in range(5):
        mine = all_records.client == client
        requests = np.unique(np.stack([produced.appended[mine], produced.acked[mine]], axis=1), axis=0)
        begun = requests[:, 0] - 10 * MS
        assert np.all(begun[1:] >= requests[:-1, 1] - 10)
        assert np.all(produced.appended[mine] >= all_records.sent[mine] + 10 * MS)
