"""What is put in order from time to time, for as long as the control plane runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from shared.errors import StorageError

_log = logging.getLogger(__name__)


async def swept(sweep: Callable[[], Awaitable[None]], *, every_s: float, left: str) -> NoReturn:
    """Until cancelled. `left`: what a sweep that failed has left undone; the next one tries again."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await sweep()
        except StorageError as error:
            _log.error("%s, tried again: %s", left, error)
