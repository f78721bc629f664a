"""A file in memory with nothing around it: whoever follows an offset out of it is ended by the processor, every time.

A `.tflite` file is read by offsets that an unverifying interpreter believes, and what a wrong one leads to is whatever
lies beside the file: of one file with three flipped bytes, ten loads in twelve were survived. Offsets have 32 bits, so
a fence of that reach on both sides leaves nothing to luck. The method is Electric Fence's (Perens, 1987).
"""

import ctypes
import mmap
import os
import sys
from pathlib import Path

_FORWARD, _BACKWARD = 1 << 32, 1 << 31  # what `uoffset_t` and `soffset_t` can reach
_MAP_FIXED = 0x10
_PROT_NONE = 0
_FAILED = ctypes.c_void_p(-1).value

_HEADER = bytes.__basicsize__ - 1  # of an object of bytes: references, type, length, hash
_HASH = _HEADER - ctypes.sizeof(ctypes.c_ssize_t)
_LENGTH = _HASH - ctypes.sizeof(ctypes.c_ssize_t)
_NOT_HASHED = -1
_NEVER_FREED = 1 << 30


def fenced(path: Path) -> bytes:
    """The file's content, mapped and not copied, as long as the process lasts.

    Raises OSError for a file that cannot be read, and where the address space has no room for the fence.
    """
    if sys.maxsize < 2 * _FORWARD:
        raise OSError("a process of 32 bits has no room for a fence")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        whole = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        fence = _map(None, _BACKWARD + whole + _FORWARD, _PROT_NONE, mmap.MAP_ANONYMOUS)
        start = fence + _BACKWARD
        _map(start - mmap.PAGESIZE, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_ANONYMOUS | _MAP_FIXED)
        _map(start, size, mmap.PROT_READ | mmap.PROT_WRITE, _MAP_FIXED, file.fileno())
    return _object_of_bytes(start, size)


def _map(address: int | None, size: int, protection: int, flags: int, descriptor: int = -1) -> int:
    found = _mmap(address, size, protection, mmap.MAP_PRIVATE | flags, descriptor, 0)
    if found is None or found == _FAILED:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(found)


def _object_of_bytes(start: int, size: int) -> bytes:
    """Interpreters take nothing but such an object; its header goes before the content, which stays where it is."""
    header = start - _HEADER
    ctypes.memmove(header, id(b""), _HEADER)
    ctypes.c_ssize_t.from_address(header).value = _NEVER_FREED
    ctypes.c_ssize_t.from_address(header + _LENGTH).value = size
    ctypes.c_ssize_t.from_address(header + _HASH).value = _NOT_HASHED
    made: bytes = ctypes.cast(header, ctypes.py_object).value
    return made


_mmap = ctypes.CDLL(None, use_errno=True).mmap
_mmap.restype = ctypes.c_void_p
_mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
