import asyncio
from threading import Event

import pytest

from shared.threads import to_its_end


async def test_what_the_work_gives_or_raises_is_given_and_raised() -> None:
    assert await to_its_end(divmod, 7, 2) == (3, 1)
    assert await to_its_end(int, "11", base=2) == 3
    with pytest.raises(ZeroDivisionError):
        await to_its_end(divmod, 7, 0)


async def test_cancelled_it_ends_once_the_work_has() -> None:
    begun, go_on, ended = Event(), Event(), Event()

    def work() -> None:
        begun.set()
        assert go_on.wait(60)
        ended.set()

    working = asyncio.create_task(to_its_end(work))
    await asyncio.to_thread(begun.wait, 60)
    working.cancel()
    done, _ = await asyncio.wait([working], timeout=0.1)
    assert not done
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert ended.is_set()
