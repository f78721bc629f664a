"""From a PUT to every node, and back in the status."""

from pathlib import Path

import msgspec
import pytest

from shared.documents import (
    DeploymentPlan,
    DeploymentView,
    ExitPolicy,
    Problem,
    decode,
    encode,
)
from tests.controlplane.stage import Node, Site, deployment, opened


async def running(site: Site, *tiers: str) -> dict[str, Node]:
    """`net` deployed and running, one node for each tier."""
    tiers = tiers or ("edge", "fog", "cloud")
    await site.register(*tiers)
    nodes = {tier: await site.enrol(f"{tier}-1", tier=tier) for tier in tiers}
    await site.deploy(deployment(*tiers))
    for node in nodes.values():
        await node.obey()
    return nodes


async def test_a_deployment_becomes_ready_when_every_node_runs_its_share(site: Site) -> None:
    nodes = await running(site)
    status = await site.status()
    assert status.ready
    assert [(view.tier, view.node, view.phase, view.applied) for view in status.workloads] == [
        (tier, f"{tier}-1", "running", True) for tier in nodes
    ]


async def test_a_changed_threshold_is_one_new_generation_of_one_node_and_is_seen_applied(site: Site) -> None:
    nodes = await running(site)
    tiers = deployment().tiers
    quicker = msgspec.structs.replace(tiers[0], exit=ExitPolicy(threshold=0.3))
    await site.deploy(deployment(tiers=(quicker, *tiers[1:])))
    assert [(await node.assignment()).generation for node in nodes.values()] == [2, 1, 1]
    assert not (await site.status()).ready
    await nodes["edge"].obey()
    status = await site.status()
    assert status.ready
    assert status.workloads[0].threshold == 0.3


async def test_the_same_put_again_changes_nothing(site: Site) -> None:
    nodes = await running(site)
    before = await site.ask(DeploymentView, "GET", "deployments/net")
    site.clock.advance(5)
    response = await site.deploy(deployment())
    assert response.status_code == 200
    assert decode(response.content, DeploymentView) == before
    assert response.headers["etag"] == f'"{before.etag}"'
    assert (await nodes["edge"].assignment()).generation == 1


async def test_latest_is_pinned_when_it_is_put(site: Site) -> None:
    await running(site, "edge")
    await site.register("edge", state="two")
    assert (await site.ask(DeploymentView, "GET", "deployments/net")).deployment.version == 1
    await site.deploy(deployment("edge"))
    assert (await site.ask(DeploymentView, "GET", "deployments/net")).deployment.version == 2


async def test_a_dry_run_shows_the_plan_and_stores_nothing(site: Site) -> None:
    await site.register("edge")
    await site.enrol("edge-1", tier="edge")
    plan = await site.ask(DeploymentPlan, "PUT", "deployments/net", deployment("edge"), params={"dry_run": "true"})
    assert plan.changed
    assert [(view.node, view.tier) for view in plan.placements] == [("edge-1", "edge")]
    assert (await site.call("GET", "deployments/net")).status_code == 404


async def test_if_match_must_name_what_is_stored(site: Site) -> None:
    await running(site, "edge")
    wanted = deployment("edge", threshold=0.1)
    refused = await site.call("PUT", "deployments/net", wanted, headers={"If-Match": '"other"'})
    assert refused.status_code == 412
    etag = (await site.ask(DeploymentView, "GET", "deployments/net")).etag
    granted = await site.call("PUT", "deployments/net", wanted, headers={"If-Match": f'"{etag}"'})
    assert granted.status_code == 200
    assert (await site.call("DELETE", "deployments/net", headers={"If-Match": f'"{etag}"'})).status_code == 412
    assert (await site.call("DELETE", "deployments/net", headers={"If-Match": "*"})).status_code == 204


async def test_if_match_of_a_deployment_that_is_not_there_fails(site: Site) -> None:
    await site.register("edge")
    refused = await site.call("PUT", "deployments/net", deployment("edge"), headers={"If-Match": "*"})
    assert refused.status_code == 412


async def test_a_deleted_deployment_leaves_its_nodes(site: Site) -> None:
    nodes = await running(site, "edge")
    assert (await site.call("DELETE", "deployments/net")).status_code == 204
    assert (await nodes["edge"].assignment()).workloads == ()
    assert (await nodes["edge"].assignment()).generation == 2
    assert (await site.call("DELETE", "deployments/net")).status_code == 404


async def test_a_label_nobody_has_is_placed_once_somebody_has_it(site: Site) -> None:
    await site.register("edge")
    assert (await site.deploy(deployment("edge"))).status_code == 201
    (short,) = (await site.status()).unplaced
    assert short.tier == "edge"
    assert "no node carries tier=edge" in short.reason
    node = await site.enrol("edge-1")
    await site.call("PUT", "nodes/edge-1/labels", {"labels": {"tier": "edge"}})
    await node.obey()
    assert (await site.status()).ready


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"model": "other"}, "model"),
        ({"version": 7}, "version"),
        ({"name": "other"}, "name"),
        ({"tiers": [{"tier": "edge", "cluster": "main"}, {"tier": "moon", "cluster": "main"}]}, "tiers[1].tier"),
        ({"tiers": [{"tier": "fog", "cluster": "main"}, {"tier": "edge", "cluster": "main"}]}, "tiers"),
        ({"tiers": [{"tier": "edge", "cluster": "main"}]}, "tiers"),
        ({"tiers": []}, "tiers"),
    ],
)
async def test_a_deployment_that_fits_no_model_is_refused_by_field(
    site: Site, changed: dict[str, object], field: str
) -> None:
    await site.register("edge", "fog")
    await refused(site, msgspec.to_builtins(deployment("edge", "fog")) | changed, field)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cluster": "moon"}, "tiers[0].cluster"),
        ({"output_cluster": "moon"}, "tiers[0].output_cluster"),
        ({"replicas": 2}, "tiers[0].replicas"),
        ({"replicas": 3, "partitions": 2}, "tiers[0].replicas"),
        ({"exit": {"threshold": 1.01}}, "tiers[0].exit.threshold"),
        ({"exit": {"threshold": -0.01}}, "tiers[0].exit.threshold"),
        ({"precision": "int8"}, "tiers[0].precision"),
        ({"backend": "torch"}, "tiers[0].backend"),
        ({"treshold": 1}, "tiers[0]"),
    ],
)
async def test_a_tier_that_cannot_run_is_refused_by_field(site: Site, changed: dict[str, object], field: str) -> None:
    await site.register("edge")
    document = msgspec.json.decode(encode(deployment("edge")))
    document["tiers"][0] |= changed
    await refused(site, document, field)


async def refused(site: Site, document: dict[str, object], field: str) -> None:
    response = await site.call("PUT", "deployments/net", document)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert decode(response.content, Problem).field == field
    assert (await site.call("GET", "deployments/net")).status_code == 404


async def test_everything_outlives_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        nodes = await running(site, "edge")
        before = await nodes["edge"].assignment(), await site.status()
    async with opened(tmp_path, site.clock) as again:
        assert again.operator == site.operator
        nodes["edge"].site = again
        assert (await nodes["edge"].assignment(), await again.status()) == before
        await nodes["edge"].obey()
        assert (await nodes["edge"].assignment()).generation == 1


async def test_a_new_version_is_loaded_above_before_the_first_tier_makes_features_with_it(site: Site) -> None:
    nodes = await running(site)
    await site.register(state="two")
    await site.deploy(deployment())
    assert await versions(nodes) == {"edge": ["net/1"], "fog": ["net/2", "net/1"], "cloud": ["net/2", "net/1"]}
    await nodes["fog"].obey()
    await site.place()
    assert (await versions(nodes))["edge"] == ["net/1"]
    status = await site.status()
    assert not status.ready
    assert "cloud-1 (cloud)" in status.workloads[0].reason
    await nodes["cloud"].obey()
    await site.place()
    assert await versions(nodes) == {"edge": ["net/2"], "fog": ["net/2", "net/1"], "cloud": ["net/2", "net/1"]}
    site.clock.advance(601)
    await site.place()
    assert (await versions(nodes))["fog"] == ["net/2", "net/1"]
    for node in nodes.values():
        await node.obey()
    assert (await site.status()).ready
    await site.place()
    site.clock.advance(599)
    await site.place()
    assert (await versions(nodes))["fog"] == ["net/2", "net/1"]
    site.clock.advance(2)
    await site.place()
    assert await versions(nodes) == {"edge": ["net/2"], "fog": ["net/2"], "cloud": ["net/2"]}


async def versions(nodes: dict[str, Node]) -> dict[str, list[str]]:
    return {tier: [version.id for version in (await node.workloads())[0].versions] for tier, node in nodes.items()}
