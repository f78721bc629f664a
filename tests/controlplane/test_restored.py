"""An older copy of the database is put back: no node goes backwards, and none is told an old number anew."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.documents import NodeView
from tests.controlplane.stage import Node, Site, deployment, opened


@asynccontextmanager
async def restored(folder: Path) -> AsyncIterator[tuple[Site, Node]]:
    """The database knows generation 1 of edge-1, which has seen 3."""
    async with opened(folder / "state") as site:
        await site.register("edge")
        node = await site.enrol("edge-1", tier="edge")
        await site.deploy(deployment("edge", threshold=0.1))
        await node.obey()
    shutil.copytree(folder / "state", folder / "copy")
    async with opened(folder / "state", site.clock) as site:
        node.site = site
        await node.obey()
        for threshold in (0.2, 0.3):
            await site.deploy(deployment("edge", threshold=threshold))
            await node.obey()
    assert node.highest == 3
    async with opened(folder / "copy", site.clock) as site:
        node.site = site
        yield site, node


async def test_a_node_that_knows_more_must_be_confirmed_and_then_goes_on_above(tmp_path: Path) -> None:
    async with restored(tmp_path) as (site, node):
        await node.report(refused_generation=1)
        assert (await site.node("edge-1")).needs_confirmation
        await site.deploy(deployment("edge", threshold=0.4))
        assert (await node.assignment()).generation == 1
        view = await site.ask(NodeView, "POST", "nodes/edge-1/confirm-generation")
        assert (view.generation, view.needs_confirmation) == (4, False)
        (workload,) = await node.workloads()
        assert workload.exit is not None
        assert workload.exit.threshold == 0.4
        await node.obey()
        assert (await site.status()).ready


async def test_no_number_is_given_before_the_node_has_told_its_own(tmp_path: Path) -> None:
    async with restored(tmp_path) as (site, node):
        for threshold in (0.4, 0.5):
            await site.deploy(deployment("edge", threshold=threshold))
        assert (await site.node("edge-1")).generation == 1
        await node.report()
        await site.place()
        assert (await site.node("edge-1")).generation == 1
        assert (await site.node("edge-1")).needs_confirmation


async def test_an_unconfirmed_node_is_given_no_new_share(tmp_path: Path) -> None:
    async with restored(tmp_path) as (site, node):
        await node.report()
        await site.call("DELETE", "deployments/net")
        await site.deploy(deployment("edge"))
        assert "confirm its generation" in (await site.status()).unplaced[0].reason


async def test_a_node_that_is_enrolled_anew_brings_its_number_and_needs_nobody_to_confirm(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.register("edge")
        await site.deploy(deployment("edge"))
        node = await site.enrol("edge-1", tier="edge")
        node.highest = 7
        await node.report()
        await site.place()
        assert (await node.assignment()).generation == 8
        assert not (await site.node("edge-1")).needs_confirmation


async def test_the_status_of_an_unconfirmed_node_says_what_to_do(tmp_path: Path) -> None:
    async with restored(tmp_path) as (site, node):
        await node.report()
        assert "confirm its generation" in (await site.status()).workloads[0].reason


async def test_confirming_where_nothing_is_asked_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await site.enrol("edge-1")
        view = await site.ask(NodeView, "POST", "nodes/edge-1/confirm-generation")
        assert view.generation == 0
