"""The same control plane behind a real server: streams need one."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from controlplane.plane import open_plane
from controlplane.serve import Server
from controlplane.settings import Settings
from tests.controlplane.stage import HandClock, Site


@dataclass(slots=True)
class Lines:
    """A stream that is read line by line, each within a deadline."""

    response: httpx.Response
    lines: AsyncIterator[str]

    async def next(self) -> str:
        async with asyncio.timeout(30):
            return await anext(self.lines)

    async def ends(self) -> bool:
        async with asyncio.timeout(30):
            return not [line async for line in self.lines if line]


@asynccontextmanager
async def served(folder: Path, **settings: Any) -> AsyncIterator[Site]:  # noqa: ANN401 - as in Settings
    plane = open_plane(Settings(state_dir=folder, **settings), clock=HandClock())
    listening = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = Server(plane, announce=listening.set)
        try:
            async with (
                plane.running(),
                asyncio.TaskGroup() as tasks,
                httpx.AsyncClient(base_url=url, timeout=60) as http,
            ):
                serving = tasks.create_task(server.serve(sockets=[listener]))
                await listening.wait()
                operator = plane.settings.credential_file.read_text().strip()
                yield Site(plane, HandClock(), http, operator)
                await http.aclose()
                server.should_exit = True
                await serving
        finally:
            plane.close()


@asynccontextmanager
async def stream(site: Site, path: str, credential: str) -> AsyncIterator[Lines]:
    headers = {"Authorization": f"Bearer {credential}"}
    async with site.http.stream("GET", f"/v1/{path}", headers=headers, timeout=30) as response:
        assert response.status_code == 200
        yield Lines(response, response.aiter_lines())
