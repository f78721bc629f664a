"""A blocking iterator inside an event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from fogline.read_ahead import ITEMS_AHEAD, read_ahead


async def test_items_come_in_order() -> None:
    assert [item async for item in read_ahead(iter(range(100)))] == list(range(100))


async def test_an_error_of_the_iterator_is_raised_after_what_came_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    seen = []
    with pytest.raises(ValueError, match="broken"):
        async for item in read_ahead(broken()):
            seen.append(item)  # noqa: PERF401 - kept even though it ends by an error
    assert seen == [1]


async def test_no_more_is_read_than_a_few_items_ahead() -> None:
    read: list[int] = []

    def counted() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    async with aclosing(read_ahead(counted())) as items:
        assert await anext(items) == 0
        assert len(read) <= ITEMS_AHEAD + 2


async def test_an_iterator_that_waits_for_ever_holds_up_neither_the_loop_nor_its_end() -> None:
    never = threading.Event()

    def waiting() -> Iterator[int]:
        yield 1
        never.wait()

    async with aclosing(read_ahead(waiting())) as items:
        assert await anext(items) == 1
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(items), 0.05)
    never.set()
