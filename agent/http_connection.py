"""HTTP/1.1 over one asyncio connection: h11 speaks it, this moves the bytes.

Written on h11 because a whole HTTP library costs an idle agent 12 MiB.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from shared.errors import ControlPlaneError

CONNECT_DEADLINE_S = 10.0
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where requests go. `prefix` stands before every path; `tls` None speaks plain HTTP."""

    host: str
    port: int
    prefix: str
    tls: ssl.SSLContext | None

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def origin(url: str, tls: ssl.SSLContext | None) -> Origin:
    parts = urlsplit(url)
    default = 443 if tls else 80
    return Origin(host=parts.hostname or "", port=parts.port or default, prefix=parts.path.rstrip("/"), tls=tls)


class HttpConnection:
    """One exchange at a time: `request`, then `body` to its end; then the next may follow. Raises ControlPlaneError."""

    def __init__(self, origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._origin = origin
        self._reader = reader
        self._writer = writer
        self._protocol = h11.Connection(h11.CLIENT)

    @property
    def is_reusable(self) -> bool:
        done = self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE
        return (done or self._protocol.our_state is h11.IDLE) and not self._reader.at_eof()

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"", deadline_s: float
    ) -> h11.Response:
        """Send a request and wait for the head of its answer, `deadline_s` for both together."""
        if self._protocol.our_state is h11.DONE:
            self._protocol.start_next_cycle()
        head = {"Host": self._origin.authority, "Content-Length": str(len(body)), **headers}
        with _border("no answer"):
            request = h11.Request(method=method, target=self._origin.prefix + path, headers=list(head.items()))
            async with asyncio.timeout(deadline_s):
                self._writer.write(b"".join(self._wire(request, h11.Data(data=body), h11.EndOfMessage())))
                await self._writer.drain()
                return await self._head()

    async def body(self, *, silence_deadline_s: float) -> AsyncIterator[bytes]:
        """The answer's bytes as they come; raises when nothing comes for `silence_deadline_s`."""
        while True:
            with _border("the answer broke off"):
                async with asyncio.timeout(silence_deadline_s):
                    event = await self._event()
            match event:
                case h11.Data(data=data):
                    yield bytes(data)
                case h11.EndOfMessage():
                    return
                case _:
                    raise ControlPlaneError("the answer broke off: connection closed")

    async def _head(self) -> h11.Response:
        while True:
            match await self._event():
                case h11.Response() as response:
                    return response
                case h11.InformationalResponse():
                    continue
                case _:
                    raise ControlPlaneError("no answer: connection closed")

    async def _event(self) -> object:
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            self._protocol.receive_data(await self._reader.read(_CHUNK_BYTES))
        return event

    def _wire(self, *events: h11.Event) -> Iterator[bytes]:
        for event in events:
            yield self._protocol.send(event) or b""


@asynccontextmanager
async def connect(origin: Origin) -> AsyncIterator[HttpConnection]:
    with _border("cannot connect"):
        async with asyncio.timeout(CONNECT_DEADLINE_S):
            reader, writer = await asyncio.open_connection(origin.host, origin.port, ssl=origin.tls)
    try:
        yield HttpConnection(origin, reader, writer)
    finally:
        # Not awaited: a peer that has gone must not hold up a drain.
        writer.transport.abort()


@contextmanager
def _border(what: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise ControlPlaneError(f"{what}: timed out") from error
    except (OSError, h11.ProtocolError) as error:
        raise ControlPlaneError(f"{what}: {error}") from error
