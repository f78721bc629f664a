"""How far a spool was delivered: one number in one file, overwritten in place.

In place, because a full disk must not keep a spool from being emptied, and without waiting for the disk. A number that
a power cut damaged, or that is missing, is the beginning: entries are then handed out again, and none is lost.
"""

import os
import struct
import zlib
from pathlib import Path
from typing import Self

_NUMBER = struct.Struct("<Q")
_CHECKED = struct.Struct("<QI")


class Position:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def open(cls, path: Path) -> Self:
        """A new file takes its place on the disk now: once the spool has filled the disk, there is none left."""
        position = cls(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        try:
            position._take_place()
        except BaseException:
            position.close()
            raise
        return position

    def read(self) -> int:
        content = os.pread(self._descriptor, _CHECKED.size, 0)
        if len(content) < _CHECKED.size:
            return 0
        number, checksum = _CHECKED.unpack(content)
        return int(number) if zlib.crc32(content[: _NUMBER.size]) == checksum else 0

    def write(self, number: int) -> None:
        content = _CHECKED.pack(number, zlib.crc32(_NUMBER.pack(number)))
        os.pwrite(self._descriptor, content, 0)

    def close(self) -> None:
        os.close(self._descriptor)

    def _take_place(self) -> None:
        if os.fstat(self._descriptor).st_size < _CHECKED.size:
            self.write(0)
