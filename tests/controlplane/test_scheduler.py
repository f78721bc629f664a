"""Placement runs by itself: after what nodes do, and when time alone has changed something."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from shared.errors import StorageError
from tests.controlplane.stage import Site, deployment


async def comes_true(claim: Callable[[], Awaitable[bool]]) -> bool:
    async with asyncio.timeout(20):
        while not await claim():  # noqa: ASYNC110 - what happens inside is told by its effect alone
            await asyncio.sleep(0.05)
    return True


async def test_a_node_that_comes_is_placed_upon(site: Site) -> None:
    await site.register("edge")
    await site.deploy(deployment("edge"))
    node = await site.enrol("edge-1", tier="edge")

    async def is_assigned() -> bool:
        return (await node.assignment()).generation == 1

    assert await comes_true(is_assigned)


async def test_a_node_that_stays_silent_is_replaced_and_its_return_moves_nothing_back(site: Site) -> None:
    await site.register("edge")
    silent, other = await site.enrol("edge-1", tier="edge"), await site.enrol("edge-2", tier="edge")
    await site.deploy(deployment("edge", stale_after_s=60))
    site.clock.advance(61)
    await other.report()

    async def has_moved() -> bool:
        return [share.node for share in (await site.status()).workloads] == ["edge-2"]

    assert await comes_true(has_moved)
    await silent.report()
    await site.place()
    assert await has_moved()


async def test_an_old_version_goes_when_its_retention_is_over(site: Site) -> None:
    await site.register("edge", "cloud")
    nodes = [await site.enrol(f"{tier}-1", tier=tier) for tier in ("edge", "cloud")]
    await site.deploy(deployment("edge", "cloud"))
    await site.register("edge", "cloud", state="two")
    await site.deploy(deployment("edge", "cloud"))

    async def cloud_versions() -> list[str]:
        return [version.id for version in (await nodes[1].workloads())[0].versions]

    async def has_switched() -> bool:
        for node in nodes:
            await node.obey()
        is_settled = not site.plane.scheduler.is_rolling
        return is_settled and [version.id for version in (await nodes[0].workloads())[0].versions] == ["net/2"]

    assert await comes_true(has_switched)
    assert await cloud_versions() == ["net/2", "net/1"]
    site.clock.advance(601)

    async def is_forgotten() -> bool:
        return await cloud_versions() == ["net/2"]

    assert await comes_true(is_forgotten)


async def test_a_change_that_fails_tells_nobody(site: Site) -> None:
    await site.register("edge")
    node = await site.enrol("edge-1", tier="edge")

    def fail(_: object) -> None:
        raise StorageError("disk is full")

    with pytest.raises(StorageError):
        await site.plane.scheduler.change(fail, lambda _, nothing: nothing)
    assert (await node.assignment()).generation == 0
