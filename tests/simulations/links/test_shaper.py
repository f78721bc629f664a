import random
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from simulations.experiment.document import Jitter
from simulations.links.settings import LineSettings
from tests.simulations.links.stage import both_ways, call, echo, receive, round_trip, shaped, target

# What a busy machine may add to a delay; the measurement judges precision, these tests judge the model at work.
SLACK_S = 0.1


def test_a_message_takes_its_latency_both_ways(tmp_path: Path) -> None:
    link = both_ways("a", LineSettings(latency=0.05))
    with target(echo) as port, shaped(tmp_path, port, link) as shaper, call(shaper.ports[0]) as client:
        round_trip(client)
        assert 0.1 <= round_trip(client) <= 0.1 + SLACK_S


def test_the_handshake_costs_one_round_trip_more(tmp_path: Path) -> None:
    link = both_ways("a", LineSettings(latency=0.1))
    with target(echo) as port, shaped(tmp_path, port, link) as shaper:
        began_s = time.monotonic()
        with call(shaper.ports[0]) as client:
            round_trip(client)
        assert 0.4 <= time.monotonic() - began_s <= 0.4 + SLACK_S


def test_a_route_adds_up_its_links(tmp_path: Path) -> None:
    links = [both_ways("a", LineSettings(latency=0.03)), both_ways("b", LineSettings(latency=0.05))]
    with target(echo) as port, shaped(tmp_path, port, *links) as shaper, call(shaper.ports[0]) as client:
        round_trip(client)
        assert 0.16 <= round_trip(client) <= 0.16 + SLACK_S


def test_a_narrow_link_after_a_wide_one_sets_the_pace(tmp_path: Path) -> None:
    links = [both_ways("a", LineSettings(bandwidth=10e6)), both_ways("b", LineSettings(bandwidth=1e6))]
    with target(echo) as port, shaped(tmp_path, port, *links) as shaper, call(shaper.ports[0]) as client:
        round_trip(client)
        # Pieces are on both links, and on their way back, while others are still sent: each adds a piece's time only.
        assert 0.2 <= round_trip(client, bytes(200_000)) <= 0.21 + SLACK_S


def test_connections_share_a_link_and_its_directions_do_not(tmp_path: Path) -> None:
    link = both_ways("a", LineSettings(bandwidth=1e6))
    with target(echo) as port, shaped(tmp_path, port, link) as shaper:
        clients = [call(shaper.ports[0]) for _ in range(4)]
        began_s = time.monotonic()
        threads = [threading.Thread(target=round_trip, args=(client, bytes(100_000))) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took_s = time.monotonic() - began_s
        for client in clients:
            client.close()
    # 400 KB one way, the other way at the same time but for the last piece.
    assert 0.4 <= took_s <= 0.55 + SLACK_S


def test_bytes_arrive_whole_and_in_order_over_a_bad_link(tmp_path: Path) -> None:
    bad = LineSettings(latency=0.002, jitter=0.005, distribution=Jitter.PARETO, bandwidth=5e6, loss=0.005)
    content = random.Random(1).randbytes(500_000)
    with target(echo) as port, shaped(tmp_path, port, both_ways("a", bad), both_ways("b", bad)) as shaper:
        with call(shaper.ports[0]) as client:
            writer = threading.Thread(target=client.sendall, args=(content,))
            writer.start()
            assert receive(client, len(content)) == content
            writer.join()
        assert any(line.stalls for line in shaper.statistics_since().lines)


def test_hundreds_of_connections_are_carried_at_once(tmp_path: Path) -> None:
    link = both_ways("a", LineSettings(latency=0.01))
    with target(echo) as port, shaped(tmp_path, port, link) as shaper, ExitStack() as opened:
        clients = [opened.enter_context(call(shaper.ports[0])) for _ in range(300)]
        for client in clients:
            client.sendall(b"x")
        assert all(receive(client, 1) == b"x" for client in clients)


def test_an_end_of_one_direction_leaves_the_other_open(tmp_path: Path) -> None:
    def answer_at_the_end(connected: socket.socket) -> None:
        said = b"".join(iter(lambda: connected.recv(100), b""))
        connected.sendall(said.upper())

    link = both_ways("a", LineSettings(latency=0.01))
    with target(answer_at_the_end) as port, shaped(tmp_path, port, link) as shaper, call(shaper.ports[0]) as client:
        client.sendall(b"abc")
        client.shutdown(socket.SHUT_WR)
        assert receive(client, 100) == b"ABC"


def test_a_target_that_is_not_there_resets_after_a_round_trip(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with shaped(tmp_path, port, both_ways("a", LineSettings(latency=0.05))) as shaper:
        began_s = time.monotonic()
        with call(shaper.ports[0]) as client, pytest.raises(ConnectionResetError):
            client.recv(1)
        assert time.monotonic() - began_s >= 0.1


def test_a_target_that_breaks_off_is_heard_by_its_client(tmp_path: Path) -> None:
    def break_off(connected: socket.socket) -> None:
        connected.recv(1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    link = both_ways("a", LineSettings(latency=0.01))
    with target(break_off) as port, shaped(tmp_path, port, link) as shaper, call(shaper.ports[0]) as client:
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_sender_waits_for_a_receiver_that_does_not_read(tmp_path: Path) -> None:
    released = threading.Event()

    def read_late(connected: socket.socket) -> None:
        released.wait(30)
        total = sum(iter(lambda: len(connected.recv(2**20)), 0))
        connected.sendall(total.to_bytes(8, "big"))

    link = both_ways("a", LineSettings(latency=0.001))
    with target(read_late) as port, shaped(tmp_path, port, link) as shaper, call(shaper.ports[0]) as client:
        client.settimeout(1)
        sent = 0
        with pytest.raises(TimeoutError):
            while True:
                sent += client.send(bytes(2**20))
        assert sent < 64 * 2**20
        released.set()
        client.settimeout(30)
        client.shutdown(socket.SHUT_WR)
        assert int.from_bytes(receive(client, 8), "big") == sent


def test_a_short_message_is_not_behind_all_of_a_long_one(tmp_path: Path) -> None:
    link = both_ways("a", LineSettings(bandwidth=1e6))
    with (
        target(echo) as port,
        shaped(tmp_path, port, link) as shaper,
        call(shaper.ports[0]) as long,
        call(shaper.ports[0]) as short,
    ):
        round_trip(long)
        round_trip(short)
        writer = threading.Thread(target=long.sendall, args=(bytes(1_000_000),))
        reader = threading.Thread(target=receive, args=(long, 1_000_000))
        writer.start()
        reader.start()
        # The buffer is 64 KiB, so the queue is 66 ms a direction where all of the long one would take a second.
        assert round_trip(short) < 0.3 + SLACK_S
        writer.join()
        reader.join()
