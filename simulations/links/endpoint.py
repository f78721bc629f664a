"""A socket without waiting: what it does not take yet is kept in order, and what may happen to it comes as a value."""

import select
import socket
import struct
from collections import deque

from simulations.links.way import Mark, Way

_ABORT = struct.pack("ii", 1, 0)
# What the kernel keeps for either end. Left to grow, it takes megabytes at which no link's model looks, and they leave
# the processor's cache: by `python -m simulations.links.measure` 0.62 of the throughput without the shaper, so 0.95.
_KERNEL_BYTES = 256 * 2**10


class Endpoint:
    """One end of a connection. `out` is read from it, `into` is written to it; both are set before it is watched."""

    __slots__ = (
        "_epoll",
        "_is_ending",
        "_mask",
        "_pending",
        "_target",
        "into",
        "is_closed",
        "is_connecting",
        "out",
        "socket",
    )

    def __init__(self, epoll: select.epoll, new: socket.socket, *, target: tuple[str, int] | None) -> None:
        """`target`: whom to call; None for a client, who has called."""
        self.socket = new
        self._target = target
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BYTES)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)
        self.is_connecting = False
        self.is_closed = False
        self.out: Way
        self.into: Way
        self._epoll = epoll
        self._mask = 0
        self._pending: deque[memoryview] = deque()
        self._is_ending = False

    @property
    def is_client(self) -> bool:
        return self._target is None

    def connect(self) -> bool:
        """False when it was refused at once; else its socket becomes writable when `is_connected` can tell."""
        if self._target is None:
            raise RuntimeError("a client has called already")
        self.is_connecting = True
        self._watch(select.EPOLLOUT)
        try:
            self.socket.connect(self._target)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True

    def is_connected(self) -> bool:
        self.is_connecting = False
        self._watch(0)
        return self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0

    def watch_reads(self, *, wanted: bool) -> None:
        self._watch(self._mask | select.EPOLLIN if wanted else self._mask & ~select.EPOLLIN)

    def receive(self, into: memoryview) -> int | Mark | None:
        """How many bytes; None when nothing is there."""
        try:
            received = self.socket.recv_into(into)
        except BlockingIOError:
            return None
        except OSError:
            return Mark.RESET
        return received or Mark.END

    def send(self, content: memoryview) -> int | None:
        """How many bytes the kernel took, a copy of the rest is kept; None when the connection is broken."""
        taken = 0 if self._pending else self._offer(content)
        if taken is not None and taken < len(content):
            self._pending.append(memoryview(bytes(content[taken:])))
            self._watch(self._mask | select.EPOLLOUT)
        return taken

    def flush(self) -> int | None:
        """As `send`, for what was kept."""
        total = 0
        while self._pending:
            content = self._pending.popleft()
            taken = self._offer(content)
            if taken is None:
                return None
            total += taken
            if taken < len(content):
                self._pending.appendleft(content[taken:])
                return total
        self._watch(self._mask & ~select.EPOLLOUT)
        if self._is_ending:
            self._shut_down()
        return total

    def end(self) -> None:
        """Tell the peer that nothing more comes, after what is kept."""
        self._is_ending = True
        if not self._pending:
            self._shut_down()

    def close(self, *, abort: bool = False) -> None:
        """`abort` says so to the peer (RST)."""
        if self.is_closed:
            return
        self._watch(0)
        self.is_closed = True
        self._pending.clear()
        if abort:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        self.socket.close()

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    def _offer(self, content: memoryview) -> int | None:
        try:
            return self.socket.send(content)
        except BlockingIOError:
            return 0
        except OSError:
            return None

    def _shut_down(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            # The peer was faster: reading tells the same, as an end or a reset.
            return

    def _watch(self, mask: int) -> None:
        """A mask of 0 is no registration at all: the kernel would go on reporting a broken connection."""
        if mask == self._mask or self.is_closed:
            return
        if not mask:
            self._epoll.unregister(self.socket)
        elif not self._mask:
            self._epoll.register(self.socket, mask)
        else:
            self._epoll.modify(self.socket, mask)
        self._mask = mask
