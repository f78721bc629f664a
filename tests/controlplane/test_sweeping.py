"""A sweep that fails is told of, and the next one comes."""

import asyncio

import pytest

from controlplane.sweeping import swept
from shared.errors import StorageError


async def test_a_sweep_that_failed_is_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    done, swept_again = 0, asyncio.Event()

    async def sweep() -> None:
        nonlocal done
        done += 1
        if done == 1:
            raise StorageError("the disk is full")
        swept_again.set()

    sweeping = asyncio.create_task(swept(sweep, every_s=0.001, left="nothing was removed"))
    async with asyncio.timeout(10):
        await swept_again.wait()
    sweeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweeping
    assert "nothing was removed, tried again: the disk is full" in caplog.text
