"""Results of runs: a version that names its run, taken once, and only from who has the run."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from controlplane.documents_in_http import Items
from shared.documents import (
    DeploymentStatus,
    ModelVersion,
    Online,
    Problem,
    RunState,
    RunView,
    VersionName,
    decode,
)
from tests.controlplane.stage import Site, deployment, opened
from tests.controlplane.test_announced_streams import told
from tests.controlplane.training import hand_in, lineage, made, post, result, run, running, wanted


async def test_a_result_becomes_a_version_that_names_its_run(site: Site) -> None:
    node, before = await running(site)
    response = await hand_in(node, before)
    assert response.status_code == 200, response.text
    after = await run(site)
    assert (after.state, after.versions) == (RunState.FINISHED, (VersionName(model="small", version=1),))
    assert [one.name for one in after.files] == ["weights.npz"]
    version = await site.ask(ModelVersion, "GET", "models/small/versions/1")
    assert (version.manifest, version.lineage) == (made("small", "one"), lineage(before))
    assert b'"run.1"' not in msgspec.json.encode(await node.assignment())


async def test_a_result_sent_again_changes_nothing(site: Site) -> None:
    node, before = await running(site)
    answers = [(await hand_in(node, before)).content for _ in range(2)]
    assert answers[0] == answers[1]
    assert len((await site.ask(Items[ModelVersion], "GET", "models/small")).items) == 1
    assert len(await told(site, "run_finished")) == 1


async def test_two_runs_with_the_same_bits_are_two_versions(site: Site) -> None:
    node, first = await running(site)
    await hand_in(node, first)
    again = await site.ask(Items[RunView], "POST", "training-requests/hourly/runs", {"stream": first.stream})
    assert (await hand_in(node, again.items[0])).is_success
    versions = (await site.ask(Items[ModelVersion], "GET", "models/small")).items
    assert [one.lineage.run for one in versions if one.lineage] == [1, 2]


async def test_the_result_of_another_attempt_or_node_is_refused(site: Site) -> None:
    node, before = await running(site)
    other = await site.enrol("other")
    late = await hand_in(node, before, attempt=before.attempt + 1)
    assert (late.status_code, decode(late.content, Problem).field) == (409, "attempt")
    assert (await post(other, "runs/1/results", result(before))).status_code == 409
    assert (await site.call("POST", "runs/1/results", result(before))).status_code == 403
    await site.call("POST", "runs/1/cancel")
    assert (await post(node, "runs/1/results", result(before))).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"manifest": made("other", "one")}, "manifest.name"),
        ({"manifest": made("small", "elsewhere")}, "manifest.sub_models[0].artifacts[0].sha256"),
    ],
)
async def test_a_result_that_does_not_fit_is_refused_by_field(site: Site, changes: dict[str, Any], field: str) -> None:
    node, before = await running(site)
    refused = await hand_in(node, before, **changes)
    assert (refused.status_code, decode(refused.content, Problem).field) == (422, field)


@pytest.mark.parametrize("field", ["request", "network", "stream"])
async def test_the_lineage_of_a_result_is_the_run_s(site: Site, field: str) -> None:
    node, before = await running(site)
    wrong = msgspec.structs.replace(lineage(before), **{field: "other"})
    refused = await hand_in(node, before, lineage=wrong)
    assert (refused.status_code, decode(refused.content, Problem).field) == (422, f"lineage.{field}")


async def test_a_version_learned_online_is_given_to_its_deployment(site: Site) -> None:
    node, before = await running(site, online=Online(deployment="live"))
    await hand_in(node, before, "one", is_last=False)
    assert [one["reason"] for one in await told(site, "deployment_not_moved")] == ["there is no such deployment"]
    await site.deploy(deployment("edge", name="live", model="small"))
    await hand_in(node, before, "two", is_last=False)
    assert (await site.ask(DeploymentStatus, "GET", "deployments/live/status")).version == 2
    assert (await run(site)).state is RunState.RUNNING
    await hand_in(node, before, "two")
    after = await run(site)
    assert (after.state, [one.version for one in after.versions]) == (RunState.FINISHED, [1, 2])


async def test_a_version_learned_online_takes_over_in_the_share_that_runs(site: Site) -> None:
    node, before = await running(site, online=Online(deployment="live"))
    await hand_in(node, before, "one", is_last=False)
    edge = await site.enrol("edge-1", tier="edge")
    await site.deploy(deployment("edge", name="live", model="small", threshold=0.3))
    await edge.obey()
    (old,) = await edge.workloads()
    await hand_in(node, before, "two", is_last=False)
    (new,) = await edge.workloads()
    assert [[version.id for version in one.versions] for one in (old, new)] == [["small/1"], ["small/2"]]
    assert msgspec.structs.replace(new, versions=old.versions) == old
    assert not (await site.status("live")).ready
    await edge.obey()
    assert (await site.status("live")).ready
    assert len(await told(site, "deployment_changed")) == 1


async def test_the_same_version_handed_in_again_moves_no_deployment(site: Site) -> None:
    node, before = await running(site, online=Online(deployment="live"))
    await hand_in(node, before, "one", is_last=False)
    await site.deploy(deployment("edge", name="live", model="small"))
    await hand_in(node, before, "two", is_last=False)
    view = (await site.call("GET", "deployments/live")).content
    for is_last in (False, True):
        await hand_in(node, before, "two", is_last=is_last)
    assert (await site.call("GET", "deployments/live")).content == view
    assert len(await told(site, "deployment_changed")) == 1


async def test_a_deployment_of_a_version_learned_online_outlives_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        node, before = await running(site, online=Online(deployment="live"))
        await hand_in(node, before, "one", is_last=False)
        await site.deploy(deployment("edge", name="live", model="small"))
        await hand_in(node, before, "two", is_last=False)
    async with opened(tmp_path, site.clock) as again:
        assert (await again.status("live")).version == 2


async def test_a_version_that_does_not_fit_its_deployment_is_said(site: Site) -> None:
    node, before = await running(site, online=Online(deployment="net"))
    await site.register("edge")
    await site.deploy(deployment("edge"))
    assert (await hand_in(node, before, is_last=False)).is_success
    assert [one["reason"] for one in await told(site, "deployment_not_moved")] == ["model: it is of model net"]


async def test_training_goes_on_from_the_weights_of_a_version(site: Site) -> None:
    node, before = await running(site)
    await hand_in(node, before)
    await wanted(site, name="more", start_from=VersionName(model="small", version=1))
    await site.ask(Items[RunView], "POST", "training-requests/more/runs", {"stream": before.stream})
    start = b'"start_from":{"model":"small","version":1,"weights":{"name":"weights.npz"'
    assert start in msgspec.json.encode(await node.assignment())
    assert (await site.call("DELETE", "models/small/versions/1")).status_code == 409
