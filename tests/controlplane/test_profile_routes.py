"""Profiles over HTTP: put, given to nodes tier by tier, their times taken in, ended whatever happens."""

from hashlib import sha256
from typing import Any

import pytest

from controlplane.documents_in_http import Items
from shared.documents import NodeFacts, Phase, RunFile, WorkloadStatus, decode
from shared.documents.profile import (
    GivenLink,
    MeasuredLink,
    ProfiledTier,
    ProfileState,
    ProfileView,
    ProfileWorkload,
    Profiling,
    SegmentTime,
    TierTimes,
)
from tests.controlplane.stage import Node, Site
from tests.controlplane.training import hand_in, post, put, running, trainer, upload, wanted

TIMER = NodeFacts(cores=4, memory_bytes=1000, backends=("litert",), workload_kinds=("inference", "profile"))
LEFT = ("segments.json", "segment-0.tflite", "segment-1.tflite")


def left(name: str) -> RunFile:
    content = name.encode()
    return RunFile(name=name, sha256=sha256(content).hexdigest(), size_bytes=len(content))


def profiling(**changes: Any) -> Profiling:  # noqa: ANN401 - as the document takes them
    tiers = (
        ProfiledTier(tier="edge", selector={"tier": "edge"}),
        ProfiledTier(tier="cloud", selector={"tier": "cloud"}, cluster="main"),
    )
    return Profiling(**{"name": "small", "run": 1, "tiers": tiers, "links": (GivenLink(bytes_per_s=1e6),), **changes})


def times(view: ProfileView, tier: str, workload: ProfileWorkload, **changes: Any) -> TierTimes:  # noqa: ANN401
    values: dict[str, Any] = {
        "profile": view.profiling.name,
        "profiling": workload.profiling,
        "tier": tier,
        "backend": "litert",
        "records": 10,
        "times": (SegmentTime(time_s=0.001),),
    }
    return TierTimes(**values | changes)


async def trained(site: Site, *names: str) -> None:
    """Run 1 has finished and left these files."""
    node, run = await running(site)
    for name in names:
        await upload(node, name.encode())
    files = (left("weights.npz"), *map(left, names))
    await upload(node, b"weights.npz")
    response = await hand_in(node, run, files=files)
    assert response.is_success, response.text
    await site.place()


async def boxes(site: Site) -> tuple[Node, Node]:
    return await site.enrol("box-1", facts=TIMER, tier="edge"), await site.enrol("box-2", facts=TIMER, tier="cloud")


async def given(node: Node) -> list[ProfileWorkload]:
    return [decode(bytes(raw), ProfileWorkload) for raw in (await node.assignment()).workloads]


async def view_of(site: Site) -> ProfileView:
    return await site.ask(ProfileView, "GET", "profiles/small")


async def test_each_tier_is_timed_on_its_node_and_the_last_times_finish_it(site: Site) -> None:
    await trained(site, *LEFT)
    edge, cloud = await boxes(site)
    view = await site.ask(ProfileView, "PUT", "profiles/small", profiling())
    assert (view.state, [one.node for one in view.tiers]) == (ProfileState.MEASURING, ["box-1", "box-2"])
    for node in (edge, cloud):
        await node.report()
    await site.place()
    (workload,) = await given(edge)
    assert (workload.tier, workload.segments, workload.files) == ("edge", left(LEFT[0]), tuple(map(left, LEFT[1:])))
    assert (workload.cluster, workload.clusters) == (None, ())
    response = await post(edge, "nodes/box-1/profiles", times(view, "edge", workload))
    assert response.status_code == 204, response.text
    assert await given(edge) == []
    view = await view_of(site)
    assert [(one.node, one.times is not None) for one in view.tiers] == [("box-1", True), ("box-2", False)]
    (workload,) = await given(cloud)
    for _ in range(2):
        response = await post(cloud, "nodes/box-2/profiles", times(view, "cloud", workload))
        assert response.status_code == 204, response.text
    view = await view_of(site)
    assert (view.state, view.deadline) == (ProfileState.FINISHED, None)
    assert [one.times and one.times.backend for one in view.tiers] == ["litert", "litert"]
    again = await site.ask(ProfileView, "PUT", "profiles/small", profiling())
    assert again.state is ProfileState.FINISHED
    anew = await site.ask(ProfileView, "PUT", "profiles/small", profiling(repetitions=20))
    assert (anew.state, [one.times for one in anew.tiers]) == (ProfileState.MEASURING, [None, None])


async def placed(site: Site, **changes: Any) -> tuple[Node, ProfileWorkload]:  # noqa: ANN401
    """The edge's node, with its share."""
    await trained(site, *LEFT)
    edge, cloud = await boxes(site)
    for node in (edge, cloud):
        await node.report()
    response = await site.call("PUT", "profiles/small", profiling(**changes))
    assert response.status_code == 201, response.text
    (workload,) = await given(edge)
    return edge, workload


async def test_a_measured_link_leads_to_the_cluster_of_the_tier_above(site: Site) -> None:
    edge, workload = await placed(site, links=None)
    assert (workload.cluster, [one.name for one in workload.clusters]) == ("main", ["main"])
    assert workload.topic == "fogline.profiles.small.edge"
    link = MeasuredLink(bytes_per_s=1e6, fixed_s=0.01)
    await post(edge, "nodes/box-1/profiles", times(await view_of(site), "edge", workload, link=link))
    found = (await view_of(site)).tiers[0].times
    assert found is not None
    assert found.link == link


async def test_nobody_else_and_nothing_older_is_heard(site: Site) -> None:
    edge, workload = await placed(site)
    said = times(await view_of(site), "edge", workload)
    other = await site.enrol("box-3", facts=TIMER, tier="edge")
    assert (await post(other, "nodes/box-3/profiles", said)).status_code == 409
    assert (await post(other, "nodes/box-1/profiles", said)).status_code == 403
    await site.ask(ProfileView, "PUT", "profiles/small", profiling(repetitions=20))
    response = await post(edge, "nodes/box-1/profiles", said)
    assert response.status_code == 409, response.text


async def test_what_a_node_cannot_time_ends_it_with_its_reason_and_putting_it_again_begins_anew(site: Site) -> None:
    edge, workload = await placed(site)
    await edge.report(
        WorkloadStatus(id="profile.small.edge", kind="profile", phase=Phase.RUNNING, reason="times: 1 of 5 rounds")
    )
    assert (await view_of(site)).tiers[0].reason == "times: 1 of 5 rounds"
    said = times(await view_of(site), "edge", workload, failure="no installed backend reads torch files", times=())
    assert (await post(edge, "nodes/box-1/profiles", said)).status_code == 204
    view = await view_of(site)
    assert (view.state, view.reason) == (ProfileState.FAILED, f"tier edge: {said.failure}")
    assert await given(edge) == []
    assert (await site.ask(ProfileView, "PUT", "profiles/small", profiling())).state is ProfileState.MEASURING


async def test_what_no_node_can_take_says_so_and_fails_at_its_deadline(site: Site) -> None:
    await trained(site, *LEFT)
    await put(site, "profiles/small", profiling(deadline_s=60, links=None))
    view = await view_of(site)
    assert view.tiers[0].reason.startswith("waits for a node: no node carries tier=edge")
    site.clock.advance(60)
    await site.place()
    view = await view_of(site)
    assert view.state is ProfileState.FAILED
    assert view.reason.startswith("not done within 60 s: edge waits for a node")


async def test_nothing_is_timed_beside_a_training_run(site: Site) -> None:
    await trained(site, *LEFT)
    node = await trainer(site, "both")
    facts = NodeFacts(cores=4, memory_bytes=9, backends=("keras",), workload_kinds=("inference", "training", "profile"))
    await node.report(facts=facts)
    await site.call("PUT", "nodes/both/labels", {"labels": {"tier": "edge"}})
    await wanted(site, name="second", selector={"tier": "edge"})
    view = await site.ask(ProfileView, "PUT", "profiles/small", profiling())
    assert view.tiers[0].node == "both"
    streams = (await site.call("GET", "streams")).json()["items"]
    (run,) = (await site.call("POST", "training-requests/second/runs", {"stream": streams[0]["id"]})).json()["items"]
    assert "busy: it runs one training at a time" in run["reason"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"run": 9}, "no run 9"),
        ({}, r"run 1 left no segments.json: name layers in `export.profiled`"),
        ({"links": None, "tiers": (ProfiledTier(tier="a"), ProfiledTier(tier="b"))}, "tier 'b' needs its `cluster`"),
        ({"links": ()}, "2 tiers have 1 `links` between them, not 0"),
    ],
)
async def test_what_cannot_be_timed_is_refused(site: Site, changes: dict[str, Any], reason: str) -> None:
    await trained(site)
    document = None
    try:
        document = profiling(**changes)
    except ValueError as error:
        assert reason in str(error)
        return
    response = await site.call("PUT", "profiles/small", document)
    assert response.status_code == 422, response.text
    assert reason in response.text


async def test_what_is_removed_is_taken_from_its_nodes(site: Site) -> None:
    edge, _ = await placed(site)
    assert (await site.call("DELETE", "profiles/small")).status_code == 204
    assert await given(edge) == []
    assert (await site.call("GET", "profiles/small")).status_code == 404
    listed = await site.ask(Items[ProfileView], "GET", "profiles")
    assert listed.items == ()
