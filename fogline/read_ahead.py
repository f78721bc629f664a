"""An iterator that may block, such as one of stdin, inside an event loop."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
ITEMS_AHEAD = 2


async def read_ahead(items: Iterator[T]) -> AsyncGenerator[T]:
    """Each item, or the error of `items`, read by a thread of its own at most a few items ahead.

    A thread that waits for stdin for ever holds up neither the loop nor the end of the program. Close this generator
    when it is left early.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[T | BaseException | None] = asyncio.Queue()
    room, left = threading.Semaphore(ITEMS_AHEAD), threading.Event()

    def put(item: T | BaseException | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, item)

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody wants more
            try:
                for item in items:
                    room.acquire()
                    if left.is_set():
                        return
                    put(item)
                put(None)
            except Exception as error:  # noqa: BLE001 - raised again where the queue is read
                put(error)

    threading.Thread(target=read, daemon=True, name="fogline-read-ahead").start()
    try:
        while (item := await queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
            room.release()
    finally:
        left.set()
        room.release()
