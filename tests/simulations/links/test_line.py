import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.document import Jitter
from simulations.links.line import SEGMENT_BYTES, Flow, Line
from simulations.links.settings import LineSettings

Sent = list[tuple[float, int]]

lines = st.builds(
    LineSettings,
    latency=st.floats(0, 1),
    jitter=st.floats(0, 0.5),
    distribution=st.sampled_from(Jitter),
    bandwidth=st.none() | st.floats(1e3, 1e9),
    loss=st.sampled_from([0.0, 0.01, 0.5]),
)
# What is sent: seconds since the piece before, and bytes.
steps = st.lists(st.tuples(st.floats(0, 0.1), st.integers(0, 5000)), min_size=1, max_size=60)


def line(seed: str = "1", **settings: object) -> Line:
    return Line(LineSettings(**settings), seed=seed, round_trip_s=0.04)  # type: ignore[arg-type] # by name


def flow(of: Line, name: str = "a") -> Flow:
    return of.flow(name, round_trip_s=0.04)


def moments(steps: Sent) -> Sent:
    now_s, sent = 0.0, []
    for after_s, size in steps:
        now_s += after_s
        sent.append((now_s, size))
    return sent


def arrivals(settings: LineSettings, sent: Sent, *, seed: str = "1") -> list[float]:
    it = Line(settings, seed=seed, round_trip_s=0.04)
    one = flow(it)
    return [it.send(now_s, size, one) for now_s, size in sent]


@given(lines, steps)
def test_bytes_of_a_connection_never_overtake_each_other(settings: LineSettings, steps: Sent) -> None:
    found = arrivals(settings, moments(steps))
    assert all(before <= after for before, after in pairwise(found))


@given(lines, steps)
def test_nothing_arrives_before_it_was_sent(settings: LineSettings, steps: Sent) -> None:
    sent = moments(steps)
    assert all(arrival >= now_s for arrival, (now_s, _) in zip(arrivals(settings, sent), sent, strict=True))


@given(lines, steps)
def test_the_same_seed_gives_the_same_arrivals(settings: LineSettings, steps: Sent) -> None:
    assert arrivals(settings, moments(steps)) == arrivals(settings, moments(steps))


@given(st.floats(1e3, 1e9), steps)
def test_no_burst_passes_faster_than_the_bandwidth(bandwidth: float, steps: Sent) -> None:
    sent = moments(steps)
    found = arrivals(LineSettings(bandwidth=bandwidth), sent)
    for first in range(len(sent)):
        carried = sum(size for _, size in sent[first:])
        assert found[-1] - sent[first][0] >= carried / bandwidth * (1 - 1e-9) - 1e-9


@given(st.floats(1e3, 1e9), steps)
def test_a_line_is_never_idle_while_something_waits(bandwidth: float, steps: Sent) -> None:
    sent = moments(steps)
    busy_since = [now_s + sum(size for _, size in sent[index:]) / bandwidth for index, (now_s, _) in enumerate(sent)]
    assert arrivals(LineSettings(bandwidth=bandwidth), sent)[-1] == pytest.approx(max(busy_since))


@given(lines, steps, steps)
def test_draws_of_a_connection_are_not_changed_by_what_others_send(
    settings: LineSettings, steps: Sent, others: Sent
) -> None:
    unlimited = LineSettings(
        **{name: getattr(settings, name) for name in ("latency", "jitter", "distribution", "loss")}
    )
    alone = arrivals(unlimited, moments(steps))
    it = Line(unlimited, seed="1", round_trip_s=0.04)
    one, other = flow(it), flow(it, "b")
    found = []
    for now_s, size in moments(steps):
        found.append(it.send(now_s, size, one))
        it.send(now_s, others[0][1], other)
    assert found == alone


def test_another_seed_gives_other_arrivals() -> None:
    sent = [(float(number), 100) for number in range(20)]
    settings = LineSettings(latency=0.1, jitter=0.01)
    assert arrivals(settings, sent, seed="1") != arrivals(settings, sent, seed="2")


def test_a_line_without_settings_is_transparent() -> None:
    it = line()
    assert it.is_transparent
    assert it.send(5.0, 10**9, flow(it)) == 5.0


def test_the_first_byte_waits_for_bandwidth_and_latency() -> None:
    it = line(latency=0.02, bandwidth=1e6)
    assert it.send(1.0, 1000, flow(it)) == pytest.approx(1.021)


def test_connections_share_the_bandwidth() -> None:
    it = line(bandwidth=1e6)
    assert it.send(0.0, 1000, flow(it, "a")) == pytest.approx(0.001)
    assert it.send(0.0, 1000, flow(it, "b")) == pytest.approx(0.002)


def test_what_is_sent_at_one_moment_shares_one_draw_of_the_jitter() -> None:
    it = line(latency=1.0, jitter=0.1)
    one = flow(it)
    assert it.send(0.0, 1, one) == it.send(0.0, 1, one)


def test_the_jitters_draws_stay_the_same_when_only_the_loss_changes() -> None:
    sent = [(float(number * 60), 100) for number in range(50)]
    calm = arrivals(LineSettings(latency=1.0, jitter=0.1), sent)
    lossy = arrivals(LineSettings(latency=1.0, jitter=0.1, loss=0.2), sent)
    same = sum(a == b for a, b in zip(calm, lossy, strict=True))
    assert 25 < same < 50


@pytest.mark.parametrize("share", [0.01, 0.1])
def test_as_many_pieces_stall_as_segments_are_lost(share: float) -> None:
    it = line(loss=share)
    one = flow(it)
    for number in range(20_000):
        it.send(number * 10.0, SEGMENT_BYTES, one)
    assert it.stalls / 20_000 == pytest.approx(share, rel=0.2)


def test_a_loss_is_noticed_sooner_when_bytes_follow() -> None:
    lone, followed = line(loss=1 - 1e-12), line(loss=0.5)
    assert lone.send(0.0, 100, flow(lone)) > 0.2
    stalls = {
        round(followed.send(number * 1e4, 100, flow(followed, str(number)), behind=10**6) % 1e4, 6)
        for number in range(200)
    }
    # No loss, one round trip, and that with one timeout or more behind it.
    assert {0.0, 0.04, 0.24} <= stalls


def test_a_cut_line_takes_nothing_until_it_is_mended() -> None:
    it = line(latency=0.01)
    it.cut()
    assert it.send(1.0, 10, flow(it)) == math.inf
    it.mend(2.0)
    assert it.send(2.0, 10, flow(it)) == pytest.approx(2.01)


def test_a_mended_line_has_forgotten_what_waited() -> None:
    it = line(bandwidth=1e3)
    it.send(0.0, 10_000, flow(it))
    it.cut()
    it.mend(1.0)
    assert it.backlog_bytes(1.0) == 0


def test_a_slowed_line_multiplies_its_latency() -> None:
    it = line(latency=0.01)
    it.slow(3)
    assert it.send(0.0, 10, flow(it)) == pytest.approx(0.03)


def test_the_buffer_tells_when_it_has_room() -> None:
    it = line(bandwidth=1e6)
    it.send(0.0, int(it.buffer_bytes), flow(it))
    assert it.backlog_bytes(0.0) == pytest.approx(it.buffer_bytes)
    assert it.room_at(0.0, 1000) == pytest.approx(0.001)
    assert it.room_at(1.0, 1000) == 1.0
