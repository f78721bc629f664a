"""The server a test speaks to, and both clients to speak with."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest

from shared.client import AsyncClient, Client
from tests.shared.client.stage import CREDENTIAL, Ask, Server


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


@pytest.fixture(params=["blocking", "awaited"])
def ask(request: pytest.FixtureRequest, server: Server) -> Ask:
    """Asks the server by each of the two clients: `ask(lambda client: client.nodes.list())`."""

    def blocking(operation: Callable[[Client], object]) -> object:
        with Client(server.url, credential=CREDENTIAL, timeout_s=30) as client:
            return operation(client)

    def awaited(operation: Callable[[AsyncClient], Awaitable[object]]) -> object:
        async def run() -> object:
            async with AsyncClient(server.url, credential=CREDENTIAL, timeout_s=30) as client:
                return await operation(client)

        return asyncio.run(run())

    return blocking if request.param == "blocking" else awaited
