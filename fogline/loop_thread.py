"""An event loop in a thread of its own, for programs that have none to spare.

Between two calls it goes on: a client that waits for its user must still hear its broker. And in a notebook, whose own
loop runs already, it works as well.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs until `close`, which cancels what is left."""

    def __init__(self, name: str) -> None:
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name=name)
        self._loop: asyncio.AbstractEventLoop
        self._closing: asyncio.Event
        self._thread.start()
        self._started.wait()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Its outcome. It is cancelled when this thread is interrupted while it waits."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def _work(self) -> None:
        asyncio.run(self._until_closed())

    async def _until_closed(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        self._started.set()
        await self._closing.wait()
