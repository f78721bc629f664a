"""A way between two programs that keeps every byte which leaves by it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock, Thread

_HOST = "127.0.0.1"
_AT_ONCE = 2**16


@dataclass(slots=True, kw_only=True)
class Capture:
    """`port`: where it listens. Whole once nobody sends any more."""

    port: int
    _connections: list[bytearray] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def sent(self) -> list[bytes]:
        """By connection, in their order."""
        with self._lock:
            return [bytes(one) for one in self._connections]

    def opened(self) -> bytearray:
        with self._lock:
            self._connections.append(bytearray())
            return self._connections[-1]

    def keep(self, kept: bytearray, piece: bytes) -> None:
        with self._lock:
            kept += piece


@contextmanager
def captured(target: int, *, port: int = 0) -> Iterator[Capture]:
    """To `target` on this machine, from whoever connects here."""
    with closing(socket.create_server((_HOST, port))) as listening:
        capture = Capture(port=listening.getsockname()[1])
        thread = Thread(target=_accept, args=(listening, target, capture), daemon=True)
        thread.start()
        try:
            yield capture
        finally:
            # Wakes the thread, which sees that nobody listens any more.
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def _accept(listening: socket.socket, target: int, capture: Capture) -> None:
    pairs = []
    while True:
        try:
            here, _ = listening.accept()
        except OSError:
            break
        pairs.append(Thread(target=_join, args=(here, target, capture, capture.opened()), daemon=True))
        pairs[-1].start()
    for pair in pairs:
        pair.join(timeout=10)


def _join(here: socket.socket, target: int, capture: Capture, kept: bytearray) -> None:
    with here, suppress(OSError), socket.create_connection((_HOST, target)) as there:
        up = Thread(target=_carry, args=(here, there, lambda piece: capture.keep(kept, piece)), daemon=True)
        up.start()
        _carry(there, here, lambda _: None)
        up.join()


def _carry(source: socket.socket, sink: socket.socket, seen: Callable[[bytes], None]) -> None:
    with suppress(OSError):
        while piece := source.recv(_AT_ONCE):
            seen(piece)
            sink.sendall(piece)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
