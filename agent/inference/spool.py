"""Where forwarded records wait while the uplink is down: a bounded queue on disk, first in, first out.

    <path>/lock           held while the spool is open: two processes would mix up the order
    <path>/released       the sequence number up to which entries were delivered
    <path>/<first>.log    frames of entries, the first of which has this sequence number

`append` returns once its entries would survive a power cut. `release` does not wait for the disk: after a crash,
entries already delivered may be handed out again, as after any crash between a delivery and its commit. No entry is
lost, and none overtakes another.
"""

import fcntl
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Self

from agent.inference.spool_frame import SpoolEntry, encode
from agent.inference.spool_log import Segment, create, recover
from agent.inference.spool_position import Position
from shared.errors import StorageError
from shared.storage import require_room, storage_errors

__all__ = ["Spool", "SpoolEntry", "SpoolFull"]

# A file goes when its last entry is released: a sixteenth of the limit is what released entries may still take.
_SEGMENTS = 16
_LARGEST_SEGMENT = 16 * 2**20
# Left free on the disk: an agent that starts again must be able to write its own small files, or nobody would empty
# the spool.
RESERVE_BYTES = 2**20


class SpoolFull(StorageError):  # noqa: N818 - a bound reached, which pauses a Kafka partition; nothing is broken
    """Nothing was written. There is room again after a release."""

    retriable = True


class Spool:
    """Calls block on the disk: make them from a thread, whichever; they wait for each other."""

    def __init__(self, path: Path, limit_bytes: int, position: Position, resources: ExitStack) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._segment_bytes = min(_LARGEST_SEGMENT, limit_bytes // _SEGMENTS)
        self._position = position
        self._mutex = Lock()
        self._released = position.read()
        self._segments, self._read_from = recover(path, self._released)
        if self._segments:
            self._released = max(self._released, self._segments[0].first)
        self._end = self._segments[-1].end if self._segments else self._released
        self._bytes = sum(segment.size for segment in self._segments)
        # Entries handed out or about to be, from `_released` to `_head_end`.
        self._head: deque[SpoolEntry] = deque()
        self._head_end = self._released
        # Last: what was opened is ours to close only once nothing can go wrong here any more.
        self._resources = resources.pop_all()

    @classmethod
    def open(cls, path: Path, limit_bytes: int) -> Self:
        """Go on where the last process stopped; makes the folder. Raises StorageError when it is in use or damaged."""
        with storage_errors(path), ExitStack() as resources:
            path.mkdir(parents=True, exist_ok=True)
            lock = resources.enter_context((path / "lock").open("ab"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StorageError(f"the spool {path} is in use by another process") from error
            position = Position.open(path / "released")
            resources.callback(position.close)
            return cls(path, limit_bytes, position, resources)

    def close(self) -> None:
        self._resources.close()

    @property
    def records(self) -> int:
        """Entries not released yet."""
        return self._end - self._released

    @property
    def bytes(self) -> int:
        """Bytes of the files, which is what the limit bounds."""
        return self._bytes

    def append(self, entries: Sequence[SpoolEntry]) -> None:
        """All of them or none, and durable on return. Raises SpoolFull, or StorageError where the disk is too full."""
        if not entries:
            return
        with self._mutex, storage_errors(self._path):
            frame = encode(entries, self._end)
            if self._bytes + len(frame) > self._limit_bytes:
                raise SpoolFull(f"the spool {self._path} is full: {self._bytes} of {self._limit_bytes} bytes")
            require_room(self._path, len(frame) + RESERVE_BYTES)
            self._writable_segment().append(frame, len(entries))
            self._end += len(entries)
            self._bytes += len(frame)

    def peek(self, most: int) -> list[SpoolEntry]:
        """Up to `most` of the oldest entries, which stay. Raises StorageError."""
        with self._mutex, storage_errors(self._path):
            while len(self._head) < most and self._head_end < self._end:
                self._read_on()
            return list(islice(self._head, most))

    def release(self, count: int) -> None:
        """Let go of the `count` oldest entries, which were peeked at and delivered. Raises StorageError."""
        with self._mutex, storage_errors(self._path):
            if not 0 <= count <= len(self._head):
                raise ValueError(f"{count} entries to release, {len(self._head)} were handed out")
            self._position.write(self._released + count)
            self._released += count
            for _ in range(count):
                self._head.popleft()
            while self._segments and self._segments[0].end <= self._released:
                self._segments[0].path.unlink()
                self._bytes -= self._segments.pop(0).size

    def _writable_segment(self) -> Segment:
        if not self._segments or self._segments[-1].size >= self._segment_bytes:
            self._segments.append(create(self._path, self._end))
        return self._segments[-1]

    def _read_on(self) -> None:
        """Take one frame more into the head."""
        segment = next(one for one in self._segments if self._head_end < one.end)
        if self._head_end == segment.first:
            self._read_from = 0
        frame, entries = segment.read(self._read_from)
        self._head.extend(entries[self._head_end - frame.first :])
        self._head_end = frame.end
        self._read_from += frame.stop
