"""Importing while a program is at work: one thread at a time.

Two threads that import modules which import each other wait for each other. Python sees that, and lets one of them go
on with a module that is only half there: an ImportError, "partially initialized module", where nothing is wrong. numpy
and the frameworks are such modules.

What is imported stays. To look through it for garbage again and again while it grows is a sixth of the time that a
framework takes.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

_TURN = RLock()


@contextmanager
def importing() -> Iterator[None]:
    """Around every import that does not stand at the top of a module. Never while a module is imported: whoever has
    its turn may wait for that one."""
    with _TURN, _uncollected():
        yield


@contextmanager
def _uncollected() -> Iterator[None]:
    if not gc.isenabled():  # within another import, or by whoever runs this program
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
