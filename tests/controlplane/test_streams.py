"""Streams over a real server: told at once, kept open, ended when they must be."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from shared.documents import Assignment, Event, NodeState, TierSpec, WorkloadHead, decode
from tests.controlplane.served import Lines, served, stream
from tests.controlplane.stage import Node, Site, deployment


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with served(tmp_path / "state") as site:
        yield site


async def watching(site: Site, threshold: float = 0.5) -> Node:
    await site.register("edge")
    node = await site.enrol("edge-1", tier="edge")
    await site.deploy(deployment("edge", threshold=threshold))
    return node


async def generation(lines: Lines) -> int:
    return decode(await lines.next(), Assignment).generation


async def test_a_node_is_told_at_once_what_it_does_not_know_and_then_every_change(site: Site) -> None:
    node = await watching(site)
    async with stream(site, "nodes/edge-1/assignment/watch?generation=0", node.credential) as lines:
        assert await generation(lines) == 1
        await site.deploy(deployment("edge", threshold=0.6))
        assert await generation(lines) == 2
        await site.call("DELETE", "deployments/net")
        assert await generation(lines) == 3


async def test_a_node_that_knows_its_assignment_is_told_the_next_one_only(site: Site) -> None:
    node = await watching(site)
    async with stream(site, "nodes/edge-1/assignment/watch?generation=1", node.credential) as lines:
        await site.deploy(deployment("edge", threshold=0.6))
        assert await generation(lines) == 2


async def test_what_travels_is_what_a_plain_get_gives(site: Site) -> None:
    node = await watching(site)
    async with stream(site, "nodes/edge-1/assignment/watch?generation=0", node.credential) as lines:
        assert decode(await lines.next(), Assignment) == await node.assignment()


async def test_heartbeats_are_empty_lines(tmp_path: Path) -> None:
    async with served(tmp_path, heartbeat_s=0.05) as site:
        node = await site.enrol("edge-1")
        async with stream(site, "nodes/edge-1/assignment/watch?generation=0", node.credential) as lines:
            assert [await lines.next() for _ in range(3)] == ["", "", ""]
        async with stream(site, "events", site.operator) as lines:
            assert [await lines.next() for _ in range(3)] == ["", "", ""]


async def test_a_request_for_the_stream_counts_as_heard_from_and_the_open_stream_does_not(tmp_path: Path) -> None:
    async with served(tmp_path, heartbeat_s=0.05) as site:
        node = await site.enrol("edge-1")
        async with stream(site, "nodes/edge-1/assignment/watch?generation=0", node.credential) as lines:
            await lines.next()
            before = await site.node("edge-1")
            assert before.state is NodeState.READY
            site.plane.clock.advance(1000)  # type: ignore[attr-defined]  # the clock of the stage
            await lines.next()
            silent = await site.node("edge-1")
            assert (silent.state, silent.last_seen) == (NodeState.STALE, before.last_seen)
            await node.report()
            assert (await site.node("edge-1")).state is NodeState.READY


async def test_the_stream_of_a_removed_node_ends(site: Site) -> None:
    node = await site.enrol("edge-1")
    async with stream(site, "nodes/edge-1/assignment/watch?generation=0", node.credential) as lines:
        await site.call("DELETE", "nodes/edge-1")
        assert await lines.ends()


async def test_a_node_that_knows_more_than_is_stored_is_told_nothing_until_confirmed(site: Site) -> None:
    node = await watching(site)
    await node.report()
    async with stream(site, "nodes/edge-1/assignment/watch?generation=7", node.credential) as lines:
        assert (await site.node("edge-1")).needs_confirmation
        await site.deploy(deployment("edge", threshold=0.6))
        await site.call("POST", "nodes/edge-1/confirm-generation")
        assert await generation(lines) == 8


async def test_a_node_enrolled_anew_is_told_above_the_number_it_brings(site: Site) -> None:
    node = await watching(site)
    async with stream(site, "nodes/edge-1/assignment/watch?generation=7", node.credential) as lines:
        assert await generation(lines) == 8


async def test_streams_end_when_the_server_does(tmp_path: Path) -> None:
    async with served(tmp_path) as site:
        node = await site.enrol("edge-1")
        async with stream(site, "nodes/edge-1/assignment/watch?generation=0", node.credential) as lines:
            site.plane.end_streams()
            assert await lines.ends()


async def test_events_are_numbered_and_go_on_where_one_stopped_reading(site: Site) -> None:
    await site.enrol("edge-1")
    await site.enrol("edge-2")
    async with stream(site, "events?after=0", site.operator) as lines:
        first = decode(await lines.next(), Event)
    assert (first.sequence, first.kind, first.subject) == (1, "node_enrolled", "node/edge-1")
    async with stream(site, "events?after=1", site.operator) as lines:
        assert decode(await lines.next(), Event).subject == "node/edge-2"
        await site.call("POST", "nodes/edge-1/drain")
        assert decode(await lines.next(), Event).kind == "node_drained"


async def test_events_without_a_number_are_the_new_ones(site: Site) -> None:
    await site.enrol("edge-1")
    async with stream(site, "events", site.operator) as lines:
        await site.call("POST", "nodes/edge-1/drain")
        assert decode(await lines.next(), Event).kind == "node_drained"


async def test_a_changed_deployment_is_an_event_and_so_is_what_follows(site: Site) -> None:
    await watching(site)
    async with stream(site, "events?after=0", site.operator) as lines:
        kinds = [json.loads(await lines.next())["kind"] for _ in range(5)]
    assert kinds == ["cluster_put", "model_registered", "node_enrolled", "deployment_created", "assignment_changed"]


@pytest.mark.parametrize("query", ["generation=-1", "generation=one", "generation=1.0", "generation=" + "9" * 30])
async def test_a_generation_that_is_no_number_is_refused(site: Site, query: str) -> None:
    node = await site.enrol("edge-1")
    assert (await node.get(f"assignment/watch?{query}")).status_code == 422


async def test_a_stream_answers_get_only(site: Site) -> None:
    for path in ("nodes/edge-1/assignment/watch", "events"):
        assert (await site.call("HEAD", path)).status_code == 405
        assert (await site.call("POST", path)).status_code == 405


@pytest.mark.slow
async def test_a_change_reaches_every_one_of_many_open_streams(tmp_path: Path) -> None:
    async with served(tmp_path) as site, asyncio.TaskGroup() as tasks, AsyncExitStack() as open_streams:
        await site.register("edge")
        nodes = [await site.enrol(f"edge-{number}", tier="edge") for number in range(50)]
        limits = httpx.Limits(max_connections=None)
        many = await open_streams.enter_async_context(
            httpx.AsyncClient(base_url=site.http.base_url, limits=limits, timeout=60)
        )
        crowd = replace(site, http=many)
        lines = [
            await open_streams.enter_async_context(
                stream(crowd, f"nodes/{node.name}/assignment/watch?generation=0", node.credential)
            )
            for node in nodes
        ]
        everywhere = TierSpec(tier="edge", cluster="main", replicas="all")
        waiting = [tasks.create_task(first_workload(one)) for one in lines]
        await site.deploy(deployment(tiers=(everywhere,)))
        assert await asyncio.gather(*waiting) == ["net.edge"] * 50


async def first_workload(lines: Lines) -> str:
    assignment = decode(await lines.next(), Assignment)
    return decode(bytes(assignment.workloads[0]), WorkloadHead).id
