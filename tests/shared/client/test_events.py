"""The stream of events: line by line, heartbeats passed over, an error when it breaks off."""

import asyncio
from collections.abc import Callable

import pytest

from shared.client import AsyncClient, Client, ControlPlaneUnreachableError
from shared.documents import Event, encode
from shared.errors import ControlPlaneError
from tests.shared.client.stage import Says, Server

FIRST = Event(sequence=8, time="2026-01-01T00:00:00Z", kind="node_enrolled", subject="edge-1")
SECOND = Event(sequence=9, time="2026-01-01T00:00:01Z", kind="node_drained", subject="edge-1")

Follow = Callable[[str, list[Event]], None]


def blocking(url: str, seen: list[Event]) -> None:
    with Client(url, credential="x") as client:
        for event in client.events(after=7):
            seen.append(event)  # noqa: PERF402 - kept even though the stream ends by an error


def awaited(url: str, seen: list[Event]) -> None:
    async def follow() -> None:
        async with AsyncClient(url, credential="x") as client:
            async for event in client.events(after=7):
                seen.append(event)  # noqa: PERF401 - kept even though the stream ends by an error

    asyncio.run(follow())


@pytest.mark.parametrize("follow", [blocking, awaited])
def test_events_come_one_by_one_until_the_stream_breaks_off(server: Server, follow: Follow) -> None:
    body = encode(FIRST) + b"\n\n\n" + encode(SECOND) + b"\n"
    server.answer = lambda asked: Says(body=body, whole=False)
    seen: list[Event] = []
    with pytest.raises(ControlPlaneUnreachableError, match="broke off"):
        follow(server.url, seen)
    assert seen == [FIRST, SECOND]
    assert server.asked[0].path == "/v1/events?after=7"


@pytest.mark.parametrize("follow", [blocking, awaited])
def test_a_line_that_is_no_event_is_an_error(server: Server, follow: Follow) -> None:
    server.answer = lambda asked: Says(body=encode(FIRST) + b"\n<html>\n")
    seen: list[Event] = []
    with pytest.raises(ControlPlaneError, match="no Event"):
        follow(server.url, seen)
    assert seen == [FIRST]


@pytest.mark.parametrize("follow", [blocking, awaited])
def test_a_refused_stream_says_why(server: Server, follow: Follow) -> None:
    server.answer = lambda asked: Says(status=401, body=b'{"title": "Unauthorized", "status": 401}')
    with pytest.raises(ControlPlaneError, match="Unauthorized") as caught:
        follow(server.url, [])
    assert caught.value.status == 401
