"""Two ends of a connection that measure it: stamped messages for its delay, bulk for its throughput."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

STAMP = struct.Struct("<d")
HOST = "127.0.0.1"
MESSAGE_BYTES = 1400
BULK_BYTES = 2**29
CHUNK_BYTES = 256 * 2**10


def listening() -> socket.socket:
    return socket.create_server((HOST, 0))


def delays(listener: socket.socket, port: int, *, rate: float, duration_s: float) -> list[tuple[float, float]]:
    """(sent, received) of each message, readings of CLOCK_MONOTONIC, at `rate` messages a second.

    The sender, a process of its own, calls `port`, which leads to `listener`.
    """
    with _accepted(listener, _stamp, port, rate, duration_s) as accepted:
        return _receive_stamps(accepted)


def throughput(listener: socket.socket, port: int, *, host: str = HOST, size: int = BULK_BYTES) -> float:
    """Bytes a second, from the first to the last byte of `size`."""
    with _accepted(listener, _flood, host, port, size) as accepted:
        return _receive_bulk(accepted)


@contextmanager
def _accepted(listener: socket.socket, send: Callable[..., None], *given: float | str) -> Iterator[socket.socket]:
    sender = get_context("spawn").Process(target=send, args=given)
    sender.start()
    accepted, _ = listener.accept()
    with accepted:
        yield accepted
    sender.join()
    sender.close()


def _receive_stamps(accepted: socket.socket) -> list[tuple[float, float]]:
    found, kept = list[tuple[float, float]](), b""
    while content := accepted.recv(CHUNK_BYTES):
        now_s, kept = time.monotonic(), kept + content
        whole = len(kept) - len(kept) % MESSAGE_BYTES
        found += [(STAMP.unpack_from(kept, at)[0], now_s) for at in range(0, whole, MESSAGE_BYTES)]
        kept = kept[whole:]
    return found


def _receive_bulk(accepted: socket.socket) -> float:
    buffer = bytearray(CHUNK_BYTES)
    total, began_s = accepted.recv_into(buffer), time.monotonic()
    for received in iter(partial(accepted.recv_into, buffer), 0):
        total += received
    return total / (time.monotonic() - began_s)


def _stamp(port: int, rate: float, duration_s: float) -> None:
    padding = bytes(MESSAGE_BYTES - STAMP.size)
    with _connected(HOST, port) as target:
        due_s = time.monotonic() + 0.2
        for _ in range(int(rate * duration_s)):
            time.sleep(max(0.0, due_s - time.monotonic()))
            target.sendall(STAMP.pack(time.monotonic()) + padding)
            due_s += 1 / rate


def _flood(host: str, port: int, size: int) -> None:
    chunk = bytes(CHUNK_BYTES)
    with _connected(host, port) as target:
        for _ in range(size // CHUNK_BYTES):
            target.sendall(chunk)


def _connected(host: str, port: int) -> socket.socket:
    target = socket.create_connection((host, port))
    target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return target
