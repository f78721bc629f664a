import asyncio
import socket

import pytest

from agent.metrics import Metrics
from agent.metrics_server import metrics_server
from shared.errors import SettingsError


async def asked(port: int, request: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def test_the_page_shows_what_was_counted() -> None:
    metrics = Metrics()
    metrics.counter("fogline_agent_records_total", "Records.", outcome="answer").add(7)
    async with metrics_server(metrics, host="127.0.0.1", port=0) as port:
        answer = await asked(port, b"GET /metrics?x=1 HTTP/1.1\r\nHost: here\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200")
    assert 'fogline_agent_records_total{outcome="answer"} 7' in answer


async def test_every_other_page_is_not_found() -> None:
    async with metrics_server(Metrics(), host="127.0.0.1", port=0) as port:
        assert (await asked(port, b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")).startswith("HTTP/1.1 404")


async def test_nonsense_harms_nobody() -> None:
    async with metrics_server(Metrics(), host="127.0.0.1", port=0) as port:
        await asked(port, b"\x16\x03\x01 nonsense\r\n\r\n")
        assert (await asked(port, b"GET /metrics HTTP/1.0\r\n\r\n")).startswith("HTTP/1.1 200")


async def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"--metrics-port {port}.*choose another"):
            async with metrics_server(Metrics(), host="127.0.0.1", port=port):
                pass
