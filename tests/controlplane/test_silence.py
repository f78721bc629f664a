"""Silence is told once, its end is told once, and both outlive the process."""

from pathlib import Path

from controlplane.silence import crossings
from controlplane.store import events
from controlplane.store.events import Happened
from shared.documents import NodeState
from tests.controlplane.stage import Site, opened


async def told(site: Site) -> list[tuple[str, str]]:
    stored = await site.plane.database.run(lambda session: events.after(session, 0, limit=100))
    return [(event.kind, event.subject) for event in stored if event.kind in ("node_stale", "node_heard")]


async def test_a_node_that_falls_silent_and_comes_back_is_two_events(site: Site) -> None:
    node = await site.enrol("edge-1")
    await node.report()
    for _ in range(3):
        site.clock.advance(30)
        await site.plane.silence.look()
    await node.report()
    await site.plane.silence.look()
    assert await told(site) == [("node_stale", "node/edge-1"), ("node_heard", "node/edge-1")]


async def test_a_removed_node_has_not_been_heard(site: Site) -> None:
    await site.enrol("edge-1")
    site.clock.advance(60)
    await site.plane.silence.look()
    await site.call("DELETE", "nodes/edge-1")
    await site.plane.silence.look()
    assert await told(site) == [("node_stale", "node/edge-1")]


async def test_the_last_time_seen_outlives_the_process(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        node = await site.enrol("edge-1")
        await node.report()
        site.clock.advance(20)
        node.boot_id = "still there"
        await node.report()
        await site.plane.silence.look()
        seen = (await site.node("edge-1")).last_seen
    site.clock.advance(100)
    async with opened(tmp_path, site.clock) as again:
        view = await again.node("edge-1")
        assert (view.last_seen, view.state) == (seen, NodeState.STALE)


async def test_events_over_the_bound_are_forgotten_and_numbers_are_never_given_twice(tmp_path: Path) -> None:
    async with opened(tmp_path, events_kept=2) as site:
        for name in ("a", "b", "c", "d"):
            await (await site.enrol(name)).report()
        site.clock.advance(20)
        await site.plane.silence.look()
        kept = await site.plane.database.run(lambda session: events.after(session, 0, limit=100))
        assert [event.sequence for event in kept] == [3, 4]


def test_many_at_once_are_one_event() -> None:
    nodes = frozenset(f"node-{number}" for number in range(51))
    assert crossings(frozenset(), nodes) == [Happened("nodes_stale", "nodes", {"nodes": 51})]
    assert crossings(nodes, frozenset()) == [Happened("nodes_heard", "nodes", {"nodes": 51})]
