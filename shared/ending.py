"""The end of a process that has loaded a lot.

Python takes its modules apart one by one at its end, for which TensorFlow's need a quarter of the time that their
import took, and native libraries may crash when a run is long done. The kernel takes back everything at once.
"""

import ctypes
import os
import sys
from contextlib import suppress
from typing import NoReturn


def end(code: int) -> NoReturn:
    """This process, with what was printed printed. Nothing else that would happen at its end does."""
    for stream in (sys.stdout, sys.stderr):
        # A network's own code may have closed them, or put anything in their place.
        with suppress(Exception):
            stream.flush()
    # What native code has printed waits there.
    ctypes.CDLL(None).fflush(None)
    os._exit(code)
