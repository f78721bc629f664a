import socket
import threading
import time
from pathlib import Path

import pytest

from shared.errors import SettingsError
from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, RouteSettings, ShaperSettings
from simulations.programs import ProgramFailedError, await_condition
from tests.simulations.links.stage import both_ways, call, echo, receive, round_trip, shaped, target

LINK = both_ways("a", LineSettings(latency=0.01))


def test_a_cut_link_keeps_what_was_sent_until_it_is_mended(tmp_path: Path) -> None:
    with target(echo) as port, shaped(tmp_path, port, LINK) as shaper, call(shaper.ports[0]) as client:
        round_trip(client)
        shaper.cut("a")
        client.sendall(b"waits")
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        mended_s = shaper.mend("a")
        client.settimeout(30)
        assert receive(client, 5) == b"waits"
        assert time.monotonic() >= mended_s + 0.02


def test_what_is_on_the_way_when_a_link_is_cut_arrives_later_and_in_order(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    link = both_ways("a", LineSettings(latency=0.02, bandwidth=2e6))
    with target(echo) as port, shaped(tmp_path, port, link) as shaper, call(shaper.ports[0]) as client:
        writer = threading.Thread(target=client.sendall, args=(content,))
        writer.start()
        found = receive(client, 10_000)
        shaper.cut("a")
        shaper.mend("a")
        assert found + receive(client, len(content) - len(found)) == content
        writer.join()


def test_a_new_connection_hangs_on_a_cut_link_until_it_is_mended(tmp_path: Path) -> None:
    with target(echo) as port, shaped(tmp_path, port, LINK) as shaper:
        shaper.cut("a")
        with call(shaper.ports[0]) as client:
            client.sendall(b"x")
            client.settimeout(0.2)
            with pytest.raises(TimeoutError):
                client.recv(1)
            shaper.mend("a")
            client.settimeout(30)
            assert receive(client, 1) == b"x"


def test_a_slowed_link_takes_its_multiple(tmp_path: Path) -> None:
    with target(echo) as port, shaped(tmp_path, port, LINK) as shaper, call(shaper.ports[0]) as client:
        round_trip(client)
        shaper.slow("a", 10)
        assert round_trip(client) >= 0.2
        shaper.slow("a", 1)
        assert round_trip(client) < 0.2


def test_the_statistics_count_what_crossed_each_link(tmp_path: Path) -> None:
    with target(echo) as port, shaped(tmp_path, port, LINK, both_ways("b", LineSettings())) as shaper:
        with call(shaper.ports[0]) as client:
            round_trip(client, bytes(5000))
        found = shaper.statistics_since()
    assert {(line.link, line.direction): line.bytes for line in found.lines} == {
        ("a", "up"): 5000, ("a", "down"): 5000, ("b", "up"): 5000, ("b", "down"): 5000,
    }  # fmt: skip
    assert found.connections == 1
    assert found.cpu_s > 0
    assert all(line.error.count and line.error.p50_us <= line.error.p99_us <= line.error.max_us for line in found.lines)


def test_statistics_since_count_what_came_after_the_last_ones_and_end_nothing(tmp_path: Path) -> None:
    with target(echo) as port, shaped(tmp_path, port, LINK) as shaper:
        with call(shaper.ports[0]) as client:
            round_trip(client, bytes(5000))
            first = shaper.statistics_since()
            round_trip(client, bytes(700))
            second, third = shaper.statistics_since(), shaper.statistics_since()
            round_trip(client, bytes(30))
        last = shaper.statistics_since()
    assert [found.lines[0].bytes for found in (first, second, third, last)] == [5000, 700, 0, 30]
    assert [found.connections for found in (first, second, third, last)] == [1, 0, 0, 0]
    assert second.lines[1].error.count == second.lines[1].chunks == 1
    assert third.lines[0].error.count == third.lines[0].error.max_us == 0
    assert all(0 < found.cpu_s < found.wall_s for found in (first, second, third, last))


def test_a_connection_that_ended_either_way_leaves_nothing_open(tmp_path: Path) -> None:
    with target(echo) as port, shaped(tmp_path, port, LINK) as shaper:
        descriptors = Path(f"/proc/{shaper.running.process.pid}/fd")
        before = len(list(descriptors.iterdir()))
        for _ in range(5):
            with call(shaper.ports[0]) as client:
                round_trip(client, bytes(100_000))
            with call(shaper.ports[0]) as client:
                client.sendall(bytes(100_000))
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        assert await_condition(lambda: len(list(descriptors.iterdir())) == before, deadline_s=10)


def test_a_link_that_is_not_there_cannot_be_cut(tmp_path: Path) -> None:
    with target(echo) as port, shaped(tmp_path, port, LINK) as shaper:
        with pytest.raises(SettingsError, match="no link 'b'"):
            shaper.cut("b")
        shaper.cut("a")


def test_settings_that_contradict_themselves_start_nothing(tmp_path: Path) -> None:
    route = RouteSettings(target_port=1, links=("b",))
    wrong = ShaperSettings(links=(LINK,), routes=(route,))
    with pytest.raises(SettingsError, match="no link 'b'"):
        Shaper(wrong, log=tmp_path / "shaper.log")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with target(echo) as port:
        route = RouteSettings(target_port=1, listen_port=port)
        taken = ShaperSettings(links=(), routes=(route,))
        with pytest.raises(ProgramFailedError, match=f"cannot listen on 127.0.0.1:{port}"):
            Shaper(taken, log=tmp_path / "shaper.log").__enter__()
