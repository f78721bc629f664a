"""Rights on files that a process gives up for good, for itself and all it starts, without being root: Landlock.

https://docs.kernel.org/userspace-api/landlock.html; Linux 5.13, where it is switched on.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_ASKED = 1
_BENEATH_A_PATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
# To remove and to make files and folders of every kind; to move them (version 2) and to cut them (version 3).
_CHANGE = sum(1 << bit for bit in range(4, 13))
_SINCE_VERSION = {2: 1 << 13, 3: 1 << 14}
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _SINCE_VERSION[3]

LIST = _READ_DIR
READ = _EXECUTE | _READ_FILE | _READ_DIR
WRITE = _WRITE_FILE | _CHANGE | sum(_SINCE_VERSION.values())

_libc = ctypes.CDLL(None, use_errno=True)


def is_there() -> bool:
    try:
        return _version() > 0
    except OSError:
        return False


def keep_only(granted: Iterable[tuple[Path, int]], *, of: int) -> None:
    """Of the rights `of`, from now on those granted, each at a place and all below it; what is not there is left out.

    The process must have given up new privileges. Raises OSError.
    """
    unknown = sum(right for since, right in _SINCE_VERSION.items() if _version() < since)
    handled = of & ~unknown
    attributes = struct.pack("=Q", handled)
    rules = _called(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for place, rights in granted:
            _grant(rules, place, rights & handled)
        _called(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _grant(rules: int, place: Path, rights: int) -> None:
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        mode = os.fstat(descriptor).st_mode
        allowed = rights if stat.S_ISDIR(mode) else rights & _OF_A_FILE
        # A pipe lies on no disk, and needs no right.
        if allowed and not stat.S_ISFIFO(mode):
            _called(_ADD_RULE, rules, _BENEATH_A_PATH, struct.pack("=Qi", allowed, descriptor), 0)
    finally:
        os.close(descriptor)


def _version() -> int:
    return _called(_CREATE_RULESET, None, 0, _VERSION_ASKED)


def _called(number: int, *arguments: bytes | int | None) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *(_wide(one) for one in arguments)))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def _wide(argument: bytes | int | None) -> object:
    return ctypes.c_long(argument) if isinstance(argument, int) else ctypes.c_char_p(argument)
