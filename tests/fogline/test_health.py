"""What is not well."""

from fogline.health import overview
from shared.documents import DeploymentStatus, NodeState, NodeView, Phase, Unplaced, WorkloadStatus
from shared.documents.federation_workloads import FederationState, FederationView
from tests.fogline.federating import view

WELL = WorkloadStatus(id="fashion.edge", kind="inference", phase=Phase.RUNNING)


def node(state: NodeState = NodeState.READY, *workloads: WorkloadStatus, needs_confirmation: bool = False) -> NodeView:
    return NodeView(
        name="edge-1",
        labels={},
        state=state,
        last_seen="12:00",
        generation=3,
        highest_generation=5,
        needs_confirmation=needs_confirmation,
        workloads=workloads,
    )


def reasons(
    *nodes: NodeView,
    deployments: tuple[DeploymentStatus, ...] = (),
    federations: tuple[FederationView, ...] = (),
) -> list[str]:
    return [f"{one.subject}: {one.reason}" for one in overview("http://a", nodes, deployments, federations).unwell]


def test_nothing_is_said_when_all_is_well() -> None:
    ready = DeploymentStatus(name="fashion", version=1, ready=True)
    assert reasons(node(NodeState.READY, WELL), deployments=(ready,)) == []


def test_a_stale_node_is_named_with_its_last_time() -> None:
    assert reasons(node(NodeState.STALE)) == ["node edge-1: not heard from since 12:00"]


def test_a_node_ahead_of_the_control_plane_comes_with_the_remedy() -> None:
    (reason,) = reasons(node(needs_confirmation=True))
    assert "fogline nodes confirm edge-1" in reason


def test_a_failed_workload_a_degraded_one_and_a_lost_uplink_are_named() -> None:
    failed = WorkloadStatus(id="a", kind="inference", phase=Phase.FAILED, reason="no such file")
    older = WorkloadStatus(id="b", kind="inference", phase=Phase.RUNNING, reason="version 2 does not load")
    cut = WorkloadStatus(id="c", kind="inference", phase=Phase.RUNNING, uplink="down")
    assert reasons(node(NodeState.READY, failed, older, cut)) == [
        "node edge-1, a: no such file",
        "node edge-1, b: running: version 2 does not load",
        "node edge-1, c: its uplink is down",
    ]


def test_a_deployment_that_is_not_ready_says_what_is_missing() -> None:
    unplaced = Unplaced(tier="fog", missing=1, reason="no node carries tier=fog")
    waiting = DeploymentStatus(name="fashion", version=1, ready=False, unplaced=(unplaced,))
    assert reasons(deployments=(waiting,)) == ["deployment fashion: fog lacks 1 (no node carries tier=fog)"]


def test_a_federation_that_nobody_coordinates_or_that_failed_says_why() -> None:
    waiting = view(state=FederationState.WAITING, reason="waits for a node that coordinates")
    failed = view(state=FederationState.FAILED, reason="the network has no weights")
    assert reasons(federations=(view(), waiting, failed, view(state=FederationState.CANCELLED))) == [
        "federation digits: waits for a node that coordinates",
        "federation digits: the network has no weights",
    ]


def test_a_site_that_waits_for_a_model_or_for_data_is_well() -> None:
    waits = WorkloadStatus(id="f", kind="participant", phase=Phase.RUNNING, reason="waits for a model newer than 3")
    refused = WorkloadStatus(id="g", kind="participant", phase=Phase.FAILED, reason="this site takes part in nothing")
    assert reasons(node(NodeState.READY, waits, refused)) == ["node edge-1, g: this site takes part in nothing"]
