"""From settings to a listening server and back to nothing: sockets, signals, the ready line."""

import asyncio
import gc
import json
import resource
import signal
import socket
import ssl
import sys
from collections.abc import Callable

import uvicorn
from uvicorn.config import Config

from controlplane.app import create_app
from controlplane.plane import ControlPlane, open_plane
from controlplane.settings import Settings
from shared.errors import SettingsError

_BACKLOG = 4096
_GRACE_S = 5
# Longer than the time between two reports of an agent, which keeps its connection.
_KEEP_ALIVE_S = 75
# A full collection walks the heap of every open stream: 0.7 s for 10,000. By Python's own thresholds it fell into every
# second change of assignments; here it comes by the clock.
_GARBAGE_THRESHOLDS = (100_000, 50, 100_000)
_GARBAGE_EVERY_S = 600.0
# Twice the heartbeat: a box without power ends its stream within a minute instead of the kernel's quarter of an hour.
_UNACKNOWLEDGED_MS = 30_000


def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `announce` gets the URL once the port answers. Raises FoglineError."""
    listener = _listen(settings)
    with listener:
        plane = open_plane(settings)
        try:
            _allow_many_streams()
            gc.set_threshold(*_GARBAGE_THRESHOLDS)
            # uvicorn restores these and raises the signal again when it is done: ending by a signal is a success here.
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: None)
            asyncio.run(_serve(plane, listener, announce))
        finally:
            plane.close()


async def _serve(plane: ControlPlane, listener: socket.socket, announce: Callable[[str], None]) -> None:
    server = Server(plane, announce=lambda: announce(_url(plane.settings, listener)))
    async with plane.running(), asyncio.TaskGroup() as tasks:
        collecting = tasks.create_task(_collect_garbage())
        await server.serve(sockets=[listener])
        collecting.cancel()


async def _collect_garbage() -> None:
    while True:
        await asyncio.sleep(_GARBAGE_EVERY_S)
        gc.collect()


class Server(uvicorn.Server):
    """Says when it listens, and ends the streams first when it stops."""

    def __init__(self, plane: ControlPlane, *, announce: Callable[[], None]) -> None:
        super().__init__(_config(plane))
        self._plane = plane
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._plane.end_streams()
        await super().shutdown(sockets)


def _config(plane: ControlPlane) -> Config:
    settings = plane.settings
    try:
        config = Config(
            create_app(plane),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE_S,
            proxy_headers=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_graceful_shutdown=_GRACE_S,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"tls-certificate or tls-key cannot be used: {error}") from error
    return config


def _listen(settings: Settings) -> socket.socket:
    """Bound before anything else, so that a taken port is found before a folder is made."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Accepted connections inherit it.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(
            f"cannot listen on {where}: {error.strerror or error}: name another --host or --port"
        ) from error
    return listener


def _url(settings: Settings, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    scheme = "http" if settings.tls_certificate is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _allow_many_streams() -> None:
    """A stream is an open file; the soft limit is often 1024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def print_ready_line(url: str) -> None:
    """For people and programs alike, the only line on standard output."""
    sys.stdout.write(json.dumps({"event": "ready", "url": url}) + "\n")
    sys.stdout.flush()
