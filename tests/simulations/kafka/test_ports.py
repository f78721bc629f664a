"""Free ports, and those that are not."""

import random
import socket
from collections.abc import Iterator

import pytest

from simulations.kafka import ports
from simulations.kafka.config import HOST
from simulations.kafka.errors import PortTakenError
from simulations.kafka.node import refused_port


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        yield other.getsockname()[1]


def test_free_ports_are_different_and_outside_the_range_of_outgoing_connections() -> None:
    found = ports.free(20, random.Random(1))
    assert len(set(found)) == 20
    assert max(found) < 32768


def test_ports_that_were_given_out_and_are_not_listened_on_yet_are_not_given_again() -> None:
    before = ports.free(300, random.Random(2))
    assert not set(before) & set(ports.free(300, random.Random(2)))


def test_a_taken_port_is_not_free(taken: int) -> None:
    assert not ports.is_free(taken)
    with pytest.raises(PortTakenError, match=f"port {taken} is taken: .* --port"):
        ports.require_free([taken])


def test_given_ports_are_for_clients_and_controllers_find_their_own() -> None:
    chosen = ports.choose(3, [1, 2, 3], random.Random(1))
    assert [one.broker for one in chosen] == [1, 2, 3]
    assert len({one.controller for one in chosen}) == 3


def test_a_refused_port_is_read_from_the_log() -> None:
    line = "org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:9092: Address in use."
    assert refused_port(line) == 9092
    assert refused_port("started") is None
