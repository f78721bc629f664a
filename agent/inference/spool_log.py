"""The files of a spool: written, read, and found again after a crash."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.inference.spool_frame import HEAD_BYTES, Frame, SpoolEntry, decode, frame_at, stated_length
from shared.errors import StorageError


@dataclass(slots=True)
class Segment:
    """One file: entries `first` to `end`, exclusive, in `size` bytes; bytes beyond that were never promised."""

    path: Path
    first: int
    end: int
    size: int

    def append(self, frame: bytes, entries: int) -> None:
        """Durable on return; on an OSError the segment is what it was."""
        with _opened(self.path, os.O_WRONLY) as descriptor:
            # What an append that failed has left; here, because a disk that just failed may not let it be cut.
            os.ftruncate(descriptor, self.size)
            _write(descriptor, frame, self.size)
            os.fsync(descriptor)
        self.size += len(frame)
        self.end += entries

    def read(self, start: int) -> tuple[Frame, list[SpoolEntry]]:
        """The frame at this place of the file; raises StorageError when it is damaged."""
        with _opened(self.path, os.O_RDONLY) as descriptor:
            head = os.pread(descriptor, HEAD_BYTES, start)
            return decode(os.pread(descriptor, stated_length(head, 0), start))


def create(folder: Path, first: int) -> Segment:
    """A file for entries from `first` on, whose name survives a power cut."""
    path = folder / f"{first:020d}.log"
    with _opened(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
        pass
    with _opened(folder, os.O_RDONLY) as descriptor:
        os.fsync(descriptor)
    return Segment(path, first, first, 0)


def recover(folder: Path, released: int) -> tuple[list[Segment], int]:
    """The segments with entries from `released` on, and where in the first of them that entry's frame begins.

    What a crash left of the last append is cut off. Raises StorageError when anything that was promised is missing.
    """
    paths = sorted(folder.glob("*.log"))
    segments: list[Segment] = []
    start = 0
    for path in paths:
        segment, frames = _scan(path, is_last=path == paths[-1])
        if segments and segment.first != segments[-1].end:
            raise StorageError(f"the spool is damaged: {path} does not follow on the file before it")
        if segment.end <= released or not frames:
            path.unlink()
            continue
        if not segments:
            start = next((frame.start for frame in frames if released < frame.end), 0)
        segments.append(segment)
    return segments, start


def _scan(path: Path, *, is_last: bool) -> tuple[Segment, list[Frame]]:
    content = path.read_bytes()
    frames = list(_frames(content))
    size = frames[-1].stop if frames else 0
    if size < len(content):
        # Only the last append can be torn, and nothing follows it.
        if not is_last or frame_at(content, size + stated_length(content, size)):
            raise StorageError(f"the spool is damaged: {path} cannot be read at byte {size}; move it away to go on")
        os.truncate(path, size)
    first = int(path.stem)
    return Segment(path, first, frames[-1].end if frames else first, size), frames


def _frames(content: bytes) -> Iterable[Frame]:
    start = 0
    while frame := frame_at(content, start):
        yield frame
        start = frame.stop


def _write(descriptor: int, content: bytes, start: int) -> None:
    rest = memoryview(content)
    while rest:
        written = os.pwrite(descriptor, rest, start)
        rest, start = rest[written:], start + written


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
