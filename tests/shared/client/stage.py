"""A real HTTP server that says what a test tells it to and may break off anywhere; and flows without any network."""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from shared.client.flow import Answer, Call, Flow, Instruction, Pause, Work
from shared.errors import FoglineError

CREDENTIAL = "operator-credential"


@dataclass(frozen=True, kw_only=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Says:
    """`whole=False` announces more than is sent, then closes; `silent` closes without an answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    whole: bool = True
    silent: bool = False


class Server:
    """`answer` is called with what was asked; `take` says how many bytes of a body to read before breaking off."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Says] = lambda asked: Says()
        self.take: Callable[[Asked], int | None] = lambda asked: None
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self.http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"


def handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            head = Asked(method=self.command, path=self.path, headers=headers, body=b"")
            length = int(headers.get("content-length", 0))
            taken = server.take(head)
            body = self.rfile.read(length if taken is None else min(taken, length))
            asked = Asked(method=head.method, path=head.path, headers=headers, body=body)
            server.asked.append(asked)
            says = server.answer(asked)
            if says.silent or (taken is not None and taken < length):
                self.reset()
            else:
                self.say(says)

        def say(self, says: Says) -> None:
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(says.body) + (0 if says.whole else 100)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(says.body)
            self.wfile.flush()
            if not says.whole:
                self.close_connection = True

        def reset(self) -> None:
            """Closed with what was not read thrown away, as by a cut cable."""
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        def log_message(self, format: str, *arguments: object) -> None:
            pass

        do_GET = do_PUT = do_POST = do_PATCH = do_HEAD = do_DELETE = serve  # noqa: N815 - names of http.server

    return Handler


T = TypeVar("T")
Ask = Callable[[Callable[[Any], Any]], Any]


class Rehearsal:
    """Carries a flow out without a network or a clock: calls are answered by a function, pauses only noted."""

    def __init__(self, answer: Callable[[Call[Any]], Answer | FoglineError]) -> None:
        self.answer = answer
        self.calls: list[Call[Any]] = []
        self.pauses: list[float] = []

    def run(self, flow: Flow[T]) -> T:
        steps = iter(flow)
        try:
            instruction = next(steps)
            while True:
                try:
                    outcome = self.execute(instruction)
                except FoglineError as error:
                    instruction = steps.throw(error)
                else:
                    instruction = steps.send(outcome)
        except StopIteration as end:
            result: T = end.value
            return result

    def execute(self, instruction: Instruction) -> object:
        match instruction:
            case Pause(seconds):
                self.pauses.append(seconds)
                return None
            case Work(function):
                return function()
            case Call():
                self.calls.append(instruction)
                answer = self.answer(instruction)
                if isinstance(answer, FoglineError):
                    raise answer
                return instruction.read(answer)
