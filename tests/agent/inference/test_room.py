"""Room for records: bounded by full micro-batches, however small those are that come."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from agent.inference.room import Room


def take(room: Room, records: int) -> None:
    """What is sent at once."""
    room.take(records)
    room.sent()


async def fits(room: Room, most_records: int) -> bool:
    waiting = asyncio.ensure_future(room.for_another(most_records))
    await asyncio.sleep(0)
    if not waiting.done():
        waiting.cancel()
        return False
    return True


async def test_many_small_micro_batches_fit_where_few_large_ones_do() -> None:
    room = Room(4)
    for _ in range(3 * 256):
        assert await fits(room, 256)
        take(room, 1)
    assert await fits(room, 256)
    take(room, 1)
    assert not await fits(room, 256)


async def test_while_three_are_not_sent_the_next_one_grows() -> None:
    room = Room(4)
    for _ in range(3):
        assert await fits(room, 256)
        room.take(1)
    waiting = asyncio.ensure_future(room.for_another(256))
    await asyncio.sleep(0)
    assert not waiting.done()
    room.sent()
    await waiting


async def test_who_waits_goes_on_when_enough_was_given_back() -> None:
    room = Room(2)
    take(room, 10)
    take(room, 10)
    waiting = asyncio.ensure_future(room.for_another(10))
    await asyncio.sleep(0)
    room.give_back(9)
    await asyncio.sleep(0)
    assert not waiting.done()
    room.give_back(1)
    await waiting


@given(st.integers(1, 8), st.integers(1, 100), st.lists(st.integers(1, 100), max_size=50))
async def test_never_more_than_the_full_micro_batches_hold(few: int, most: int, sizes: list[int]) -> None:
    room, under_way = Room(few), 0
    for size in sizes:
        if await fits(room, most):
            take(room, min(size, most))
            under_way += min(size, most)
        assert under_way <= few * most
