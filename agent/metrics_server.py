"""The Prometheus port: one page, over h11."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import h11

from agent.metrics import Metrics
from shared.errors import SettingsError

_REQUEST_DEADLINE_S = 10.0
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def metrics_server(metrics: Metrics, *, host: str, port: int) -> AsyncIterator[int]:
    """Serve until left; gives the port, a free one for 0. Raises SettingsError when it is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_DEADLINE_S):
                await _answer(metrics, reader, writer)
        except (OSError, TimeoutError, h11.ProtocolError):
            # A scraper that went away or talks nonsense is its own problem.
            pass
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(answer, host, port)
    except OSError as error:
        raise SettingsError(f"--metrics-port {port} on {host}: {error.strerror or error}; choose another") from error
    async with server:
        yield int(server.sockets[0].getsockname()[1])


async def _answer(metrics: Metrics, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    protocol = h11.Connection(h11.SERVER)
    request = await _request(protocol, reader)
    known = request is not None and request.target.partition(b"?")[0] == b"/metrics"
    body = metrics.render().encode() if known else b"the metrics are at /metrics\n"
    headers = [("Content-Type", _CONTENT_TYPE), ("Content-Length", str(len(body))), ("Connection", "close")]
    response = h11.Response(status_code=200 if known else 404, headers=headers)
    for event in (response, h11.Data(data=body), h11.EndOfMessage()):
        writer.write(protocol.send(event) or b"")
    await writer.drain()


async def _request(protocol: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    while (event := protocol.next_event()) is h11.NEED_DATA:
        protocol.receive_data(await reader.read(4096))
    return event if isinstance(event, h11.Request) else None
