"""Writing nowhere but in one's own folder: Landlock, by which a process gives up rights on files without being root.

https://docs.kernel.org/userspace-api/landlock.html; Linux 5.13, where it is switched on.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_ASKED = 1
_BENEATH_A_PATH = 1
_WRITE_FILE = 1 << 1
# To remove and to make files and folders of every kind; to move them (version 2) and to cut them (version 3).
_CHANGE = sum(1 << bit for bit in range(4, 13))
_SINCE_VERSION = {2: 1 << 13, 3: 1 << 14}
# What programs write to though nothing is kept there: terminals, graphics cards, shared memory, their own settings.
_ALWAYS = (Path("/dev"), Path("/proc"))
_libc = ctypes.CDLL(None, use_errno=True)


def write_only_below(folder: Path) -> None:
    """From now on, for this process and all it starts; it must have given up new privileges. Raises OSError."""
    version = _called(_CREATE_RULESET, None, 0, _VERSION_ASKED)
    rights = _WRITE_FILE | _CHANGE | sum(right for since, right in _SINCE_VERSION.items() if version >= since)
    attributes = struct.pack("=Q", rights)
    rules = _called(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for place in (folder, *_ALWAYS):
            with _opened(place) as descriptor:
                _called(_ADD_RULE, rules, _BENEATH_A_PATH, struct.pack("=Qi", rights, descriptor), 0)
        _called(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


@contextmanager
def _opened(place: Path) -> Iterator[int]:
    descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _called(number: int, *arguments: bytes | int | None) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *(_wide(one) for one in arguments)))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def _wide(argument: bytes | int | None) -> object:
    return ctypes.c_long(argument) if isinstance(argument, int) else ctypes.c_char_p(argument)
