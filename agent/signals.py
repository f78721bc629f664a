"""The first SIGTERM or SIGINT asks for a drain; the second is obeyed at once."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

logger = logging.getLogger(__name__)

STOPS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """An event that the first signal sets; handlers are the loop's, and given back at the end."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def stop(number: signal.Signals) -> None:
        if asked.is_set():
            # Die of the very signal: whoever waits for this process sees why it ended.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        logger.info("draining; the same signal again stops at once", extra={"signal": number.name})
        asked.set()

    for number in STOPS:
        loop.add_signal_handler(number, stop, number)
    try:
        yield asked
    finally:
        for number in STOPS:
            loop.remove_signal_handler(number)
