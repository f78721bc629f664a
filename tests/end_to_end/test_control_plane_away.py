"""A node needs its control plane for changes only."""

import shutil
from typing import Any

import pytest
from numpy.typing import NDArray

from shared.documents import Deployment, NodeView
from simulations.programs import await_condition
from simulations.stack import Stack
from tests.end_to_end.driving import deploy, port_of, with_threshold
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_rebooted_without_a_control_plane_every_node_keeps_answering(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """1. deploy; 2. kill the control plane; 3. kill and start every agent; 4. send; 5. every tier answers."""
    deploy(stack, deployment)
    stack.programs["control-plane"].kill()
    for name in ("edge-1", "fog-1", "cloud-1"):
        stack.programs[name].kill()
        stack.start_agent(name)
    ids = await traffic.send(image.tobytes() for image in images[:300])
    outcome = await traffic.outcome(ids)
    assert {answers[0].tier for answers in outcome.answers.values()} == {"edge", "fog", "cloud"}


async def test_a_control_plane_that_comes_back_finds_everything_as_it_was(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    before = deploy(stack, deployment)
    port = port_of(stack.url)
    stack.programs["control-plane"].kill()
    stack.start_control_plane(port=port)
    with stack.client() as client:
        after = client.deployments.wait_until_ready(deployment.name, deadline_s=90)
        assert [(one.node, one.tier) for one in after.workloads] == [(one.node, one.tier) for one in before.workloads]
        client.deployments.put(with_threshold(deployment, "edge", 0.0))
        assert await_condition(lambda: client.deployments.status(deployment.name).ready, deadline_s=90)
    ids = await traffic.send(image.tobytes() for image in images[:100])
    outcome = await traffic.outcome(ids)
    assert {answers[0].tier for answers in outcome.answers.values()} == {"edge"}


async def test_agents_refuse_a_generation_that_goes_back_until_an_operator_accepts(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    """1. deploy; 2. copy the database; 3. change the threshold twice; 4. restore the copy; 5. the nodes keep what they
    run, and the control plane says that it waits; 6. an operator accepts; 7. the restored deployment is applied."""
    deploy(stack, deployment)
    port = port_of(stack.url)
    state = stack.layout.state("control-plane")
    stack.programs["control-plane"].stop()
    shutil.copytree(state, state.with_name("older"))
    stack.start_control_plane(port=port)
    deploy(stack, with_threshold(deployment, "edge", 0.9))
    deploy(stack, with_threshold(deployment, "edge", 0.0))
    stack.programs["control-plane"].stop()
    shutil.rmtree(state)
    state.with_name("older").rename(state)
    stack.start_control_plane(port=port)
    with stack.client() as client:

        def edge() -> NodeView:
            return client.nodes.get("edge-1")

        assert await_condition(lambda: edge().needs_confirmation, deadline_s=60)
        kept = await traffic.outcome(await traffic.send(image.tobytes() for image in images[:100]))
        assert {answers[0].tier for answers in kept.answers.values()} == {"edge"}
        highest = edge().highest_generation
        for node in client.nodes.list():
            if node.needs_confirmation:
                client.nodes.confirm_generation(node.name)
        assert await_condition(lambda: edge().observed_generation > highest, deadline_s=90)
        client.deployments.wait_until_ready(deployment.name, deadline_s=90)
    ids = await traffic.send(image.tobytes() for image in images[:300])
    outcome = await traffic.outcome(ids)
    assert {outcome.answers[one][0].tier for one in ids} == {"edge", "fog", "cloud"}
