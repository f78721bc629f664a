"""What an operator does to nodes, and how their silence is seen."""

from pathlib import Path

import pytest

from controlplane.documents_in_http import Items
from shared.documents import NodeFacts, NodeState, NodeView, Phase, WorkloadStatus
from tests.controlplane.stage import FACTS, Node, Site, deployment, opened


async def deployed(site: Site, *names: str, stale_after_s: float = 60) -> list[Node]:
    """`net` on the tier `edge`, and these nodes for it, in this order."""
    await site.register("edge")
    nodes = [await site.enrol(name, tier="edge") for name in names]
    await site.deploy(deployment("edge", stale_after_s=stale_after_s))
    for node in nodes:
        await node.obey()
    return nodes


async def holders(site: Site) -> list[str]:
    return [view.node for view in (await site.status()).workloads]


async def test_nodes_are_listed_by_name(site: Site) -> None:
    for name in ("b", "a"):
        await site.enrol(name)
    listed = await site.ask(Items[NodeView], "GET", "nodes")
    assert [(view.name, view.state) for view in listed.items] == [("a", "enrolled"), ("b", "enrolled")]


async def test_a_drained_node_s_share_moves_and_comes_to_it_no_more(site: Site) -> None:
    await deployed(site, "edge-1", "edge-2")
    assert await holders(site) == ["edge-1"]
    view = await site.ask(NodeView, "POST", "nodes/edge-1/drain")
    assert view.state is NodeState.DRAINING
    assert await holders(site) == ["edge-2"]
    assert (await site.ask(NodeView, "POST", "nodes/edge-1/undrain")).state is NodeState.READY
    assert await holders(site) == ["edge-2"]


async def test_a_relabelled_node_loses_what_it_no_longer_qualifies_for(site: Site) -> None:
    await deployed(site, "edge-1")
    await site.call("PUT", "nodes/edge-1/labels", {"labels": {"tier": "fog"}})
    assert await holders(site) == []
    assert (await site.status()).unplaced[0].missing == 1


async def test_a_removed_node_s_share_is_placed_anew(site: Site) -> None:
    await deployed(site, "edge-1", "edge-2")
    await site.call("DELETE", "nodes/edge-1")
    assert await holders(site) == ["edge-2"]


async def test_a_silent_node_is_stale_with_its_last_time_seen_and_is_replaced_past_the_deadline(site: Site) -> None:
    _, other = await deployed(site, "edge-1", "edge-2", stale_after_s=100)
    before = (await site.node("edge-1")).last_seen
    site.clock.advance(50)
    await other.report()
    await site.place()
    view = await site.node("edge-1")
    assert (view.state, view.last_seen) == (NodeState.STALE, before)
    (share,) = (await site.status()).workloads
    assert (share.node, share.phase, share.last_seen) == ("edge-1", "stale", before)
    assert not (await site.status()).ready
    site.clock.advance(51)
    await other.report()
    await site.place()
    assert await holders(site) == ["edge-2"]


async def test_a_silent_node_keeps_what_nobody_else_can_take(site: Site) -> None:
    (node,) = await deployed(site, "edge-1", stale_after_s=10)
    site.clock.advance(1000)
    await site.place()
    assert await holders(site) == ["edge-1"]
    await node.report()
    assert (await node.assignment()).generation == 1


async def test_a_jump_of_the_wall_clock_moves_nothing(site: Site) -> None:
    await deployed(site, "edge-1", "edge-2", stale_after_s=10)
    site.clock.jump(86_400)
    await site.place()
    assert await holders(site) == ["edge-1"]
    assert (await site.node("edge-1")).state is NodeState.READY


async def test_a_control_plane_that_was_away_shows_silence_and_replaces_nobody_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await deployed(site, "edge-1", "edge-2", stale_after_s=10)
    site.clock.advance(3600)
    async with opened(tmp_path, site.clock) as again:
        await again.place()
        assert (await again.node("edge-1")).state is NodeState.STALE
        assert await holders(again) == ["edge-1"]


async def test_a_report_sent_again_is_acknowledged_and_changes_nothing(site: Site) -> None:
    (node,) = await deployed(site, "edge-1")
    first = await site.node("edge-1")
    node.sequence -= 1
    again = await node.report()
    assert again.json() == {"api_version": "fogline/v1", "sequence": 1, "generation": 1}
    assert (await site.node("edge-1")).workloads == first.workloads
    node.boot_id, node.sequence = "after a reboot", 0
    await node.report()
    assert (await site.node("edge-1")).workloads == ()


async def test_a_report_of_another_node_is_refused(site: Site) -> None:
    node = await site.enrol("edge-1")
    assert (await node.report(node="edge-2")).status_code == 422


async def test_new_facts_are_placed_by(site: Site) -> None:
    await site.register("edge")
    node = await site.enrol("edge-1", facts=NodeFacts(), tier="edge")
    await site.deploy(deployment("edge"))
    assert "no backend" in (await site.status()).unplaced[0].reason
    node.facts = FACTS
    await node.report()
    await site.place()
    assert await holders(site) == ["edge-1"]


@pytest.mark.parametrize(("age_s", "phase", "reason"), [(119, "starting", ""), (121, "failed", "within 120 s")])
async def test_nothing_starts_for_ever(site: Site, age_s: float, phase: str, reason: str) -> None:
    (node,) = await deployed(site, "edge-1")
    await node.obey(Phase.STARTING)
    site.clock.advance(age_s)
    await node.obey(Phase.STARTING)
    (share,) = (await site.status()).workloads
    assert share.phase == phase
    assert reason in share.reason


async def test_a_share_that_nobody_tells_of_fails_after_its_deadline(site: Site) -> None:
    await site.register("edge")
    node = await site.enrol("edge-1", tier="edge")
    await site.deploy(deployment("edge"))
    assert (await site.status()).workloads[0].phase == "pending"
    site.clock.advance(121)
    await node.report()
    (share,) = (await site.status()).workloads
    assert (share.phase, "has not told" in share.reason) == ("failed", True)


async def test_a_reboot_starts_the_deadline_anew(site: Site) -> None:
    (node,) = await deployed(site, "edge-1")
    site.clock.advance(1000)
    node.boot_id = "after a reboot"
    await node.obey(Phase.STARTING)
    site.clock.advance(100)
    await node.obey(Phase.STARTING)
    assert (await site.status()).workloads[0].phase == "starting"


async def test_a_failure_is_shown_with_its_reason(site: Site) -> None:
    (node,) = await deployed(site, "edge-1")
    await node.report(WorkloadStatus(id="net.edge", kind="inference", phase=Phase.FAILED, reason="no such topic"))
    (share,) = (await site.status()).workloads
    assert (share.phase, share.reason) == ("failed", "no such topic")
