"""What an operator or a stranger gets wrong: a problem that names the field, or a status with reason and remedy."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from shared import topics
from shared.client import Client
from shared.documents import (
    Deployment,
    Enrolment,
    ExitPolicy,
    Phase,
    TopicDefaults,
    Unplaced,
)
from shared.errors import ControlPlaneError
from shared.kafka import admin, ensure_topic
from simulations.demo.example import Example
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import deploy, example_stack, on_one_cluster, undeploy_all, until, with_tier
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AGENTS = {
    **{f"{tier}-1": {"tier": tier} for tier in ("edge", "fog", "cloud")},
    "stranger": {"tier": "edge"},
    "second": {"tier": "edge"},
}


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory, example: Example) -> Iterator[Stack]:
    with example_stack(tmp_path_factory.mktemp("refused"), broker, example) as stack:
        yield stack


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with stack.client() as client:
        yield client
    undeploy_all(stack)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"model": "unknown"}, "model"),
        ({"version": 99}, "version"),
        ({"cluster": "unknown"}, "tiers[0].cluster"),
        ({"tier": "unknown"}, "tiers[0].tier"),
        ({"exit": ExitPolicy(threshold=2.0)}, "tiers[0].exit.threshold"),
        ({"replicas": 3, "partitions": 2}, "tiers[0].replicas"),
        ({"backend": "torch"}, "tiers[0].backend"),
    ],
)
def test_a_deployment_that_cannot_be_is_refused_by_field_and_not_stored(
    client: Client, deployment: Deployment, changed: Mapping[str, Any], field: str
) -> None:
    whole = {name for name in changed if name in Deployment.__struct_fields__}
    wrong = replace(deployment, **changed) if whole else with_tier(deployment, "edge", **changed)
    with pytest.raises(ControlPlaneError) as refused:
        client.deployments.put(wrong)
    assert refused.value.status == 422
    assert refused.value.field == field
    with pytest.raises(ControlPlaneError) as absent:
        client.deployments.get(deployment.name)
    assert absent.value.status == 404


async def test_a_label_that_nobody_has_waits_with_the_remedy_until_somebody_has_it(
    client: Client, deployment: Deployment
) -> None:
    deployment = with_tier(deployment, "edge", selector={"site": "roof"})
    client.deployments.put(deployment)
    await until(lambda: client.deployments.status(deployment.name).unplaced)
    assert client.deployments.status(deployment.name).unplaced == (
        Unplaced(tier="edge", missing=1, reason="no node carries site=roof: enrol one with it, or label a node so"),
    )
    client.nodes.label("edge-1", {"tier": "edge", "site": "roof"})
    client.deployments.wait_until_ready(deployment.name, deadline_s=30)


async def test_a_topic_that_may_not_be_made_is_named_with_the_remedy_and_used_once_it_is_there(
    stack: Stack, client: Client, deployment: Deployment, images: NDArray[Any]
) -> None:
    locked = replace(stack.cluster("locked"), topics=TopicDefaults(create=False))
    client.clusters.put(locked)
    deployment = on_one_cluster(deployment, "locked")
    client.deployments.put(deployment)
    wanted = topics.input_topic(deployment, deployment.tiers[0])

    def edge_has_failed() -> bool:
        edge = client.deployments.status(deployment.name).workloads[0]
        return edge.phase == Phase.FAILED.value and f"has no topic '{wanted}'" in edge.reason

    await until(edge_has_failed)
    assert (
        "make it, or set `topics.create` of the cluster"
        in client.deployments.status(deployment.name).workloads[0].reason
    )
    await make_topics(stack, deployment)
    client.deployments.wait_until_ready(deployment.name, deadline_s=60)
    traffic = Traffic(deployment=deployment, cluster=locked)
    ids = await traffic.send(image.tobytes() for image in images[:50])
    assert set((await traffic.outcome(ids)).answers) == set(ids)


async def make_topics(stack: Stack, deployment: Deployment) -> None:
    cluster = stack.cluster("edge")
    inputs = [topics.input_topic(deployment, tier) for tier in deployment.tiers]
    async with admin(cluster) as asked:
        for name in (*inputs, topics.answers_topic(deployment), topics.dead_letter_topic(deployment)):
            await ensure_topic(asked, cluster, name)


def test_a_deployment_that_was_mended_runs(stack: Stack, client: Client, deployment: Deployment) -> None:
    with pytest.raises(ControlPlaneError):
        client.deployments.put(replace(deployment, model="unknown"))
    assert deploy(stack, deployment).ready


def test_strangers_get_in_nowhere_and_no_secret_stands_in_a_log(stack: Stack, client: Client) -> None:
    """1. a token nobody made; 2. one that was used; 3. a node's credential where operators ask; 4. none at all."""
    unknown, used = "not-a-token-of-anybody", stack.layout.token_file("edge-1").read_text()
    for token in (unknown, used):
        with pytest.raises(ControlPlaneError) as refused:
            client.nodes.enrol(Enrolment(name="stranger"), token=token)
        assert refused.value.status == 401
    credential = credential_of(stack, "edge-1")
    with Client(stack.url, credential=credential) as node, pytest.raises(ControlPlaneError) as forbidden:
        node.deployments.list()
    assert forbidden.value.status == 403
    with Client(stack.url, credential="") as nobody, pytest.raises(ControlPlaneError) as unauthorised:
        nobody.nodes.list()
    assert unauthorised.value.status == 401
    secrets = [unknown, used, credential, client_credential(stack), credential_of(stack, "fog-1")]
    assert logs_with(stack, secrets) == []


@pytest.mark.parametrize("token", ["used", "unknown"])
def test_an_agent_whose_token_is_no_good_ends_with_what_to_do(stack: Stack, token: str) -> None:
    name = "stranger"
    secret = stack.layout.token_file("edge-1").read_text() if token == "used" else "not-a-token-of-anybody"
    stack.layout.write_token(name, secret)
    program = stack.layout.agent(name, url=stack.url, labels={}).start(leashed=True)
    assert program.process.wait(60) == ControlPlaneError.exit_code
    last = program.output().splitlines()[-1]
    assert "ask an operator for a new enrolment token" in last
    assert logs_with(stack, [secret]) == []


def credential_of(stack: Stack, node: str) -> str:
    content = (stack.layout.state(node) / "credential.json").read_bytes()
    found = re.search(rb'"credential":"([^"]+)"', content)
    assert found is not None
    return found[1].decode()


def client_credential(stack: Stack) -> str:
    return stack.layout.credential_file.read_text().strip()


def logs_with(stack: Stack, secrets: Sequence[str]) -> list[Path]:
    logs = list((stack.layout.directory / "logs").iterdir())
    assert len(logs) >= 4
    return [log for log in logs if any(secret in log.read_text() for secret in secrets)]
