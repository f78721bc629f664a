"""The two streams that stay open: assignments to nodes, events to people.

They are bare ASGI: ten thousand of them are open at once, and each costs little more than its socket.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from controlplane import generations
from controlplane.auth import node_itself, operator_only
from controlplane.documents_in_http import stream_of
from controlplane.generations import Standing
from controlplane.plane import ControlPlane
from controlplane.routes.parameters import found
from controlplane.store import events, nodes
from shared.documents import Assignment, Event, encode
from shared.errors import DocumentError

_MOST_EVENTS_AT_ONCE = 500
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/x-ndjson"), (b"cache-control", b"no-store")],
}

OPENAPI_PATHS = {
    "/v1/nodes/{name}/assignment/watch": stream_of(
        Assignment,
        summary="Watch Assignment",
        tag="assignments",
        parameters=[
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "generation", "in": "query", "schema": {"type": "integer", "minimum": 0}},
        ],
    ),
    "/v1/events": stream_of(
        Event,
        summary="Follow Events",
        tag="events",
        parameters=[{"name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0}}],
    ),
}


def routes(plane: ControlPlane) -> list[Route]:
    both = [
        Route("/v1/nodes/{name}/assignment/watch", AssignmentWatch(plane)),
        Route("/v1/events", EventStream(plane)),
    ]
    for route in both:
        # Set here, because Route adds HEAD to GET, and a stream without a body would never end.
        route.methods = {"GET"}
    return both


class AssignmentWatch:
    """Sends the assignment when its generation is not the node's, then every change; an empty line as heartbeat."""

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        node_itself(request)
        name: str = request.path_params["name"]
        seen = _number(request, "generation", -1)
        await _contact(self._plane, name, seen)
        await send(_START)
        with self._plane.presence.watching(), self._plane.board.listening(name) as changed:
            await _until_disconnected(receive, partial(self._tell, name, seen, changed, send))

    async def _tell(self, name: str, told: int, changed: asyncio.Event, send: Send) -> None:
        loop = asyncio.get_running_loop()
        beat_s = self._plane.settings.heartbeat_s
        next_beat = loop.time() + beat_s
        while (posting := self._plane.board.posting(name)) is not None:
            changed.clear()
            if posting.generation != told and not posting.withheld:
                told = posting.generation
                await _send(send, self._plane.board.assignment(posting) + b"\n")
            if not await _happens(changed, next_beat):
                next_beat = loop.time() + beat_s
                await _send(send, b"\n")
        await send({"type": "http.response.body", "body": b""})


class EventStream:
    """Sends every event after a sequence number, then each new one; without a number only new ones."""

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        operator_only(request)
        last = await self._plane.database.run(events.last_sequence)
        after = min(_number(request, "after", last), last)
        await send(_START)
        await _until_disconnected(receive, partial(self._tell, after, send))

    async def _tell(self, after: int, send: Send) -> None:
        loop = asyncio.get_running_loop()
        while not self._plane.bell.is_closed:
            ring = self._plane.bell.next_ring()
            there = await self._plane.database.run(partial(events.after, sequence=after, limit=_MOST_EVENTS_AT_ONCE))
            if there:
                after = there[-1].sequence
                await _send(send, b"".join(encode(one) + b"\n" for one in there))
            elif not await _happens(ring, loop.time() + self._plane.settings.heartbeat_s):
                await _send(send, b"\n")
        await send({"type": "http.response.body", "body": b""})


async def _contact(plane: ControlPlane, name: str, seen: int) -> None:
    """Learn which generation the node has seen, before anything is sent to it or numbered for it."""
    posting = found(plane.board.posting(name), f"node {name}")
    is_new = plane.presence.is_newcomer(name) or not plane.presence.has_contacted(name)
    if seen > posting.generation and not posting.withheld:
        standing = await plane.database.run(partial(_judge, plane, name, seen))
        generations.show(plane.board, name, seen, standing)
        plane.bell.ring()
    plane.presence.heard(name)
    if is_new:
        plane.scheduler.wake()


def _judge(plane: ControlPlane, name: str, seen: int, session: Session) -> Standing:
    node = found(nodes.find(session, name), f"node {name}")
    standing = generations.judge(node, seen, is_newcomer=plane.presence.is_newcomer(name))
    generations.write_down(session, node, seen, standing, now=plane.clock.wall())
    return standing


async def _until_disconnected(receive: Receive, tell: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `tell` until it returns or the other side goes away."""
    async with asyncio.TaskGroup() as tasks:
        both = tasks.create_task(_disconnected(receive)), tasks.create_task(tell())
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _happens(event: asyncio.Event, deadline: float) -> bool:
    """Whether the event comes before the deadline of the loop's clock."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            await event.wait()
            return True
    return False


async def _send(send: Send, line: bytes) -> None:
    await send({"type": "http.response.body", "body": line, "more_body": True})


def _number(request: Request, name: str, default: int) -> int:
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18:
        raise DocumentError("not a whole number", field=f"query.{name}")
    return int(raw)
