"""A control plane small enough to be told how to misbehave; it speaks the agreed protocol over a real socket."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import h11

from shared.documents import (
    Assignment,
    Enrolment,
    NodeCredential,
    NodeReport,
    Problem,
    ReportAcknowledged,
    RunResult,
    decode,
    encode,
)
from shared.documents.stream import StreamsReport

TOKEN, CREDENTIAL = "token-of-one-use", "credential-of-this-node"
WITHIN_S = 60.0


@dataclass
class PretendControlPlane:
    """`refusal` is the status that everything answers, `relents_after` so many times; `silent` keeps heartbeats back;
    `cut_at` breaks the next download; `withholds` takes reports of streams and answers none."""

    assignment: Assignment | None = None
    artifacts: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    credential: str = CREDENTIAL
    refusal: int | None = None
    relents_after: int = -1
    silent: bool = False
    cut_at: int | None = None
    knows_ranges: bool = True
    withholds: bool = False
    connections: int = 0
    ranges: list[str] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    reports: list[NodeReport] = field(default_factory=list)
    streams: list[StreamsReport] = field(default_factory=list)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    results: list[tuple[int, RunResult]] = field(default_factory=list)
    refuses_results: int | None = None
    watched: list[int] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As a crash does: every connection breaks."""
        if self._server is not None:
            self._server.close()
            for writer in self._open:
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def assign(self, assignment: Assignment) -> None:
        async with self._changed:
            self.assignment = assignment
            self._changed.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S), self._changed:
            await self._changed.wait_for(holds)

    async def report(self, matches: Callable[[NodeReport], bool]) -> NodeReport:
        """The newest report, as soon as it matches."""
        await self.until(lambda: bool(self.reports) and matches(self.reports[-1]))
        return self.reports[-1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        try:
            exchange = Exchange(reader, writer)
            while await exchange.receive():
                await self._answer(exchange)
                exchange.protocol.start_next_cycle()
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, exchange: "Exchange") -> None:
        if self.relents_after == 0:
            self.refusal = None
        self.relents_after -= 1
        if self.refusal is not None:
            await exchange.problem(self.refusal, "told to refuse")
        elif exchange.path == "/v1/nodes":
            await self._enrol(exchange)
        elif exchange.bearer != self.credential:
            await exchange.problem(401, "unknown credential")
        elif exchange.path.endswith("/reports"):
            await self._take(exchange)
        elif exchange.path.endswith("/streams"):
            await self._take_streams(exchange)
        elif exchange.path.startswith("/v1/artifacts/"):
            await (self._send if exchange.method == "GET" else self._receive)(exchange)
        elif exchange.path.endswith("/results"):
            await self._take_result(exchange)
        else:
            await self._watch(exchange)

    async def _enrol(self, exchange: "Exchange") -> None:
        if exchange.bearer not in self.tokens:
            await exchange.problem(401, "unknown token")
            return
        async with self._changed:
            self.tokens.remove(exchange.bearer)
            self.enrolments.append(decode(exchange.body, Enrolment))
            self._changed.notify_all()
        await exchange.answer(201, encode(NodeCredential(name=self.enrolments[-1].name, credential=self.credential)))

    async def _take(self, exchange: "Exchange") -> None:
        report = decode(exchange.body, NodeReport)
        generation = self.assignment.generation if self.assignment else 0
        async with self._changed:  # before the answer: an agent may end as soon as it has it
            self.reports.append(report)
            self._changed.notify_all()
        await exchange.answer(200, encode(ReportAcknowledged(sequence=report.sequence, generation=generation)))

    async def _take_streams(self, exchange: "Exchange") -> None:
        async with self._changed:
            self.streams.append(decode(exchange.body, StreamsReport))
            self._changed.notify_all()
        if self.withholds:
            await asyncio.Event().wait()
        await exchange.answer(200, b"{}")

    async def _send(self, exchange: "Exchange") -> None:
        content = self.artifacts.get(exchange.path.rsplit("/", 1)[1])
        if content is None:
            await exchange.problem(404, "no such artifact")
            return
        asked = exchange.header("range") if self.knows_ranges else ""
        self.ranges.append(asked)
        offset = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        cut, self.cut_at = self.cut_at, None
        await exchange.answer(206 if asked else 200, content[offset:], cut=cut)

    async def _receive(self, exchange: "Exchange") -> None:
        """As the real one: a piece goes where the last one ended, and the last one is verified."""
        sha256 = exchange.path.rsplit("/", 1)[1]
        arrived = self.uploads.setdefault(sha256, bytearray())
        if exchange.method == "PATCH":
            if int(exchange.header("upload-offset")) != len(arrived):
                await exchange.problem(409, f"the upload stands at {len(arrived)}")
                return
            cut, self.cut_at = self.cut_at, None
            arrived += exchange.body[:cut]
            if cut is not None:
                raise OSError("told to break off")
        is_whole = hashlib.sha256(arrived).hexdigest() == sha256
        await exchange.begin(
            200 if is_whole else 204,
            *((("Content-Length", str(len(arrived) if exchange.method == "HEAD" else 0)),) if is_whole else ()),
            ("Upload-Offset", str(len(arrived))),
            ("Upload-Complete", "?1" if is_whole else "?0"),
        )
        await exchange.end()

    async def _take_result(self, exchange: "Exchange") -> None:
        if self.refuses_results is not None:
            await exchange.problem(self.refuses_results, "another attempt has this run")
            return
        async with self._changed:
            self.results.append((int(exchange.path.split("/")[3]), decode(exchange.body, RunResult)))
            self._changed.notify_all()
        await exchange.answer(200, b"{}")

    async def _watch(self, exchange: "Exchange") -> None:
        sent = int(exchange.query.removeprefix("generation="))
        async with self._changed:
            self.watched.append(sent)
            self._changed.notify_all()
        await exchange.begin(200)
        while True:
            async with self._changed:
                if self.assignment is None or self.assignment.generation == sent:
                    try:
                        async with asyncio.timeout(0.1):
                            await self._changed.wait()
                    except TimeoutError:
                        pass
                news = self.assignment if self.assignment and self.assignment.generation != sent else None
            if news is not None:
                sent = news.generation
                await exchange.send(encode(news) + b"\n")
            elif not self.silent:
                await exchange.send(b"\n")


class Exchange:
    """One request and its answer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.protocol = h11.Connection(h11.SERVER)
        self._reader = reader
        self._writer = writer
        self._request: h11.Request | None = None
        self.body = b""

    @property
    def method(self) -> str:
        assert self._request is not None
        return self._request.method.decode()

    @property
    def path(self) -> str:
        return self._target.partition("?")[0]

    @property
    def query(self) -> str:
        return self._target.partition("?")[2]

    @property
    def bearer(self) -> str:
        return self.header("authorization").removeprefix("Bearer ")

    @property
    def _target(self) -> str:
        assert self._request is not None
        return self._request.target.decode()

    def header(self, name: str) -> str:
        assert self._request is not None
        return dict(self._request.headers).get(name.encode(), b"").decode()

    async def receive(self) -> bool:
        """A whole request; False when the peer has gone."""
        self.body = b""
        while True:
            event = self.protocol.next_event()
            if event is h11.NEED_DATA:
                self.protocol.receive_data(await self._reader.read(65_536))
            elif isinstance(event, h11.Request):
                self._request = event
            elif isinstance(event, h11.Data):
                self.body += bytes(event.data)
            else:
                return isinstance(event, h11.EndOfMessage)

    async def begin(self, status: int, *headers: tuple[str, str]) -> None:
        self._writer.write(self.protocol.send(h11.Response(status_code=status, headers=list(headers))) or b"")
        await self._writer.drain()

    async def send(self, content: bytes) -> None:
        self._writer.write(self.protocol.send(h11.Data(data=content)) or b"")
        await self._writer.drain()

    async def end(self) -> None:
        self._writer.write(self.protocol.send(h11.EndOfMessage()) or b"")
        await self._writer.drain()

    async def answer(self, status: int, body: bytes, *, cut: int | None = None, kind: str = "application/json") -> None:
        await self.begin(status, ("Content-Length", str(len(body))), ("Content-Type", kind))
        await self.send(body[:cut])
        if cut is not None:
            raise OSError("told to break off")
        await self.end()

    async def problem(self, status: int, detail: str) -> None:
        body = encode(Problem(title="Refused", status=status, detail=detail))
        await self.answer(status, body, kind="application/problem+json")


@asynccontextmanager
async def pretend_control_plane(tls: ssl.SSLContext | None = None) -> AsyncIterator[PretendControlPlane]:
    made = PretendControlPlane(tls=tls)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
