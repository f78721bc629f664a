"""A wall clock that is set, a day forward or back: no deadline moves, and nothing silent is taken for healthy."""

from pathlib import Path

import pytest

from shared.documents import Enrolment, EnrolmentToken, EnrolmentTokenRequest, NodeState, Phase, encode
from tests.controlplane.stage import FACTS, Node, Site, bearer, deployment, opened

DAY_S = 86_400.0
both_ways = pytest.mark.parametrize("jump_s", [DAY_S, -DAY_S])


async def under_way(site: Site) -> None:
    """`net` deployed on two tiers, and one of its nodes not getting on with it."""
    await site.register("edge", "cloud")
    edge, cloud = await site.enrol("edge-1", tier="edge"), await site.enrol("cloud-1", tier="cloud")
    await site.deploy(deployment("edge", "cloud"))
    await edge.obey(Phase.STARTING)
    await cloud.obey()


async def phase(site: Site, tier: str) -> str:
    return next(one.phase for one in (await site.status()).workloads if one.tier == tier)


async def heard(site: Site) -> None:
    """Both nodes once more, with nothing new to say."""
    site.plane.presence.heard("edge-1")
    site.plane.presence.heard("cloud-1")


@both_ways
async def test_a_start_that_takes_too_long_is_told_when_its_own_time_is_over(site: Site, jump_s: float) -> None:
    await under_way(site)
    site.clock.jump(jump_s)
    assert await phase(site, "edge") == "starting"
    site.clock.advance(121)
    await heard(site)
    assert await phase(site, "edge") == "failed"


@both_ways
async def test_a_silent_node_is_stale_after_its_own_time(site: Site, jump_s: float) -> None:
    await (await site.enrol("edge-1")).report()
    site.clock.jump(jump_s)
    assert (await site.node("edge-1")).state is NodeState.READY
    site.clock.advance(46)
    assert (await site.node("edge-1")).state is NodeState.STALE


async def enrols(site: Site, token: str) -> int:
    enrolment = Enrolment(name="edge-1", labels={}, facts=FACTS)
    return (await site.http.post("/v1/nodes", headers=bearer(token), content=encode(enrolment))).status_code


@both_ways
async def test_a_token_is_good_for_its_own_time_and_no_longer(site: Site, jump_s: float) -> None:
    wanted = EnrolmentTokenRequest(expires_after_s=600)
    kept, late = [(await site.ask(EnrolmentToken, "POST", "enrolment-tokens", wanted)).token for _ in range(2)]
    site.clock.jump(jump_s)
    site.clock.advance(599)
    assert await enrols(site, kept) == 201
    site.clock.advance(2)
    assert await enrols(site, late) == 401


async def second_version_runs(site: Site) -> Node:
    """`net` in its second version on both tiers. The cloud, whose node is given, keeps the first for what is on its
    way."""
    await site.register("edge", "cloud")
    edge, cloud = await site.enrol("edge-1", tier="edge"), await site.enrol("cloud-1", tier="cloud")
    await site.deploy(deployment("edge", "cloud"))
    for node in (edge, cloud):
        await node.obey()
    await site.register("edge", "cloud", state="two")
    await site.deploy(deployment("edge", "cloud"))
    for node in (cloud, edge):
        await node.obey()
        await site.place()
        await node.obey()
        await site.place()
    return cloud


async def versions(node: Node) -> list[str]:
    await node.site.place()
    return [version.id for version in (await node.workloads())[0].versions]


@both_ways
async def test_an_old_version_stays_above_for_its_own_time(site: Site, jump_s: float) -> None:
    cloud = await second_version_runs(site)
    site.clock.jump(jump_s)
    site.clock.advance(599)
    assert await versions(cloud) == ["net/2", "net/1"]
    site.clock.advance(2)
    assert await versions(cloud) == ["net/2"]


async def test_set_back_while_it_was_down_a_share_under_way_still_has_its_deadline(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await under_way(site)
    site.clock.jump(-DAY_S)
    async with opened(tmp_path, site.clock) as again:
        await heard(again)
        assert await phase(again, "edge") == "starting"
        again.clock.advance(121)
        await heard(again)
        assert await phase(again, "edge") == "failed"


async def test_set_back_while_it_was_down_a_node_that_stays_silent_is_stale(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await (await site.enrol("edge-1")).report()
    site.clock.jump(-DAY_S)
    async with opened(tmp_path, site.clock) as again:
        again.clock.advance(46)
        assert (await again.node("edge-1")).state is NodeState.STALE


async def test_set_back_while_it_was_down_an_old_version_goes_after_its_time_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        cloud = await second_version_runs(site)
    site.clock.jump(-DAY_S)
    async with opened(tmp_path, site.clock) as again:
        cloud.site = again
        await cloud.report()
        await again.place()
        again.clock.advance(601)
        assert await versions(cloud) == ["net/2"]
