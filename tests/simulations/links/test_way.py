import select
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulations.links.endpoint import Endpoint
from simulations.links.lane import Lane
from simulations.links.line import SEGMENT_BYTES, Line
from simulations.links.recovery import DUPLICATES
from simulations.links.settings import LineSettings
from simulations.links.way import Way


@pytest.fixture
def way() -> Iterator[Way]:
    lane = Lane(Line(LineSettings(bandwidth=1e6), seed="1", round_trip_s=0.0), link="a", direction="up")
    with select.epoll() as epoll, socket.socket() as here, socket.socket() as there:
        source, sink = Endpoint(epoll, here, target=None), Endpoint(epoll, there, target=("127.0.0.1", 1))
        yield Way(source, sink, (lane,), name="1", round_trip_s=0.0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=10_000))
def test_pieces_are_segments_that_make_the_whole(way: Way, content: bytes) -> None:
    pieces = way.cut(content, more=False)
    assert b"".join(piece.content for piece in pieces if isinstance(piece.content, memoryview)) == content
    assert all(piece.size == SEGMENT_BYTES for piece in pieces[:-1])
    assert [piece.behind for piece in pieces] == [
        len(content) - (number + 1) * SEGMENT_BYTES for number in range(len(pieces) - 1)
    ] + [0] * bool(pieces)


def test_a_loss_within_a_long_transfer_is_noticed_by_what_follows(way: Way) -> None:
    assert way.cut(b"x", more=True)[0].behind >= DUPLICATES * SEGMENT_BYTES
