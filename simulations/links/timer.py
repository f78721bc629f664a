"""A kernel timer to wait for beside sockets: `timerfd` (Linux), which Python has had only since 3.13.

A timeout of epoll is rounded to whole milliseconds, and asyncio's timers stand on it. This one is not.
"""

import ctypes
import math
import os
import time
from typing import Self

_ABSOLUTE = 1
_NONBLOCK_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC
# Never 0, which would disarm the timer in place of letting it fire at once.
_SOONEST_NS = 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class Timer:
    """Its descriptor is readable from the moment given until the next `set`. Closes as a context manager."""

    def __init__(self) -> None:
        self._c = ctypes.CDLL(None, use_errno=True)
        self._descriptor: int = self._c.timerfd_create(time.CLOCK_MONOTONIC, _NONBLOCK_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._setting = _Setting()
        self._reference = ctypes.byref(self._setting)

    def fileno(self) -> int:
        return self._descriptor

    def set(self, at_s: float) -> None:
        """Fire at this reading of `time.monotonic`; a moment that has passed is now, infinity is never."""
        at_ns = 0 if math.isinf(at_s) else max(_SOONEST_NS, int(at_s * 1e9))
        self._setting.value.seconds, self._setting.value.nanoseconds = divmod(at_ns, 10**9)
        if self._c.timerfd_settime(self._descriptor, _ABSOLUTE, self._reference, None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
