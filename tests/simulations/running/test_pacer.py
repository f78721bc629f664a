"""Moments waited for."""

import asyncio
import time

from simulations.running.pacer import Pacer


async def test_nobody_goes_on_too_early_and_all_in_their_order() -> None:
    order: list[tuple[str, bool]] = []

    async def wait(name: str, pacer: Pacer, at_s: float) -> None:
        await pacer.until(at_s)
        order.append((name, time.monotonic() >= at_s))

    now_s = time.monotonic()
    with Pacer() as pacer:
        async with asyncio.TaskGroup() as waiting:
            for name, after_s in (("late", 0.03), ("soon", 0.01), ("as soon", 0.01), ("gone by", -1.0)):
                waiting.create_task(wait(name, pacer, now_s + after_s))
    assert order == [("gone by", True), ("soon", True), ("as soon", True), ("late", True)]


async def test_who_gives_up_waiting_holds_nobody_back() -> None:
    with Pacer() as pacer:
        async with asyncio.TaskGroup() as waiting:
            given_up = waiting.create_task(pacer.until(time.monotonic() + 0.01))
            waiting.create_task(pacer.until(time.monotonic() + 0.02))
            await asyncio.sleep(0)
            given_up.cancel()
    assert given_up.cancelled()
