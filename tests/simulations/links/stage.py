"""A target behind a shaper, both for one test."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simulations.links.running import Shaper
from simulations.links.settings import LineSettings, LinkSettings, RouteSettings, ShaperSettings

Serve = Callable[[socket.socket], None]


def both_ways(name: str, line: LineSettings) -> LinkSettings:
    return LinkSettings(name=name, up=line, down=line)


@contextmanager
def shaped(folder: Path, port: int, *links: LinkSettings) -> Iterator[Shaper]:
    """One route over `links`, in this order, to `port`."""
    settings = ShaperSettings(
        links=links,
        routes=(RouteSettings(target_port=port, links=tuple(link.name for link in links)),),
    )
    with Shaper(settings, log=folder / "shaper.log") as shaper:
        yield shaper


@contextmanager
def target(serve: Serve) -> Iterator[int]:
    """The port of a listener that serves each connection in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def echo(connected: socket.socket) -> None:
    """Until its client ends or breaks off."""
    with suppress(ConnectionError):
        while content := connected.recv(65536):
            connected.sendall(content)


def call(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def receive(client: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size and (content := client.recv(size - len(found))):
        found += content
    return found


def round_trip(client: socket.socket, content: bytes = b"x") -> float:
    """Seconds until all of it is back."""
    began_s = time.monotonic()
    client.sendall(content)
    assert receive(client, len(content)) == content
    return time.monotonic() - began_s


def _accept(listener: socket.socket, serve: Serve) -> None:
    while True:
        try:
            connected, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connected, serve), daemon=True).start()


def _serve(connected: socket.socket, serve: Serve) -> None:
    with connected:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        serve(connected)
