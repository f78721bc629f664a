"""What federations need of a stage: a network, a node that coordinates, sites, and what the coordinator tells."""

# ruff: noqa: ANN401 - keywords are passed on to documents as they come

from hashlib import sha256
from typing import Any

import httpx
import msgspec

from controlplane.federations import Federated
from shared.documents import (
    FederatedLineage,
    Lineage,
    NodeFacts,
    Phase,
    RunFile,
    SiteShare,
    TrainingParameters,
    WorkloadStatus,
    decode,
    digest,
)
from shared.documents.federation import Federation
from shared.documents.federation_workloads import (
    COORDINATOR,
    CoordinatorWorkload,
    FederationOutcome,
    FederationProgress,
    FederationReport,
    FederationView,
    ParticipantStanding,
    ParticipantWorkload,
)
from tests.controlplane.stage import Node, Site, content_of
from tests.controlplane.training import SOURCE, WEIGHTS, made, networked, post, source, upload

NAME = "clinics"
PART = f"federation.{NAME}.1.coordinator"


def facts(*kinds: str, **changes: Any) -> NodeFacts:
    return NodeFacts(**{"cores": 4, "memory_bytes": 1000, "backends": ("keras",), "workload_kinds": kinds, **changes})


COORDINATES = facts("inference", "coordinator")


def federation(**changes: Any) -> Federation:
    return Federation(**{"name": NAME, "network": "small", "cluster": "main", **changes})


def federated(**changes: Any) -> Federated:
    """As it is kept."""
    values: dict[str, Any] = {"wanted": federation(), "edition": 1, "network": source(), "created_at": 0.0}
    return Federated(**values | changes)


async def coordinator(site: Site, name: str = "hub") -> Node:
    return await site.enrol(name, facts=COORDINATES, coordinator="true")


async def participant(site: Site, name: str, **labels: str) -> Node:
    its = facts("inference", "participant", public_key=f"key of {name}")
    return await site.enrol(name, facts=its, **labels)


async def founded(site: Site, **changes: Any) -> FederationView:
    return await site.ask(FederationView, "PUT", f"federations/{NAME}", federation(**changes))


async def stage(site: Site, **changes: Any) -> tuple[Node, Node, Node]:
    """A federation whose parts lie on a hub and two sites."""
    await networked(site)
    hub, north, south = await coordinator(site), await participant(site, "north"), await participant(site, "south")
    await founded(site, **changes)
    return hub, north, south


async def view(site: Site) -> FederationView:
    return await site.ask(FederationView, "GET", f"federations/{NAME}")


async def told(site: Site, verb: str) -> FederationView:
    return await site.ask(FederationView, "POST", f"federations/{NAME}/{verb}")


async def coordinates(node: Node) -> CoordinatorWorkload:
    (raw,) = (await node.assignment()).workloads
    return decode(bytes(raw), CoordinatorWorkload)


async def takes_part(node: Node) -> list[ParticipantWorkload]:
    return [decode(bytes(raw), ParticipantWorkload) for raw in (await node.assignment()).workloads]


async def says(node: Node, phase: Phase = Phase.RUNNING, *, kind: str = COORDINATOR, **members: Any) -> None:
    """The node reports its one share, as it was given."""
    (raw,) = (await node.assignment()).workloads
    id_ = msgspec.json.decode(raw)["id"]
    await node.report(WorkloadStatus(id=id_, kind=kind, phase=phase, revision=digest(raw), **members))
    if members.get("for_good"):
        await node.site.place()


def progress(round_: int = 0, *standings: ParticipantStanding, **members: Any) -> FederationProgress:
    return FederationProgress(round=round_, model="m" * 64, participants=standings, **members)


async def tells(
    node: Node, told: FederationProgress, outcome: FederationOutcome | None = None, *, edition: int = 1
) -> httpx.Response:
    report = FederationReport(federation=NAME, edition=edition, progress=told, outcome=outcome)
    return await post(node, f"nodes/{node.name}/federations", report)


def lineage(edition: int = 1, **members: Any) -> Lineage:
    made_by = FederatedLineage(
        name=NAME, edition=edition, strategy="fedbuff", rounds=3, participants={"north": SiteShare(updates=3)}
    )
    values: dict[str, Any] = {
        "network": "small",
        "sources": (sha256(SOURCE).hexdigest(),),
        "records": "",
        "seed": 0,
        "split_seed": 0,
        "parameters": TrainingParameters(),
        "federation": made_by,
    }
    return Lineage(**values | members)


def outcome(state: str = "one", **members: Any) -> FederationOutcome:
    weights = RunFile(name="weights.npz", sha256=sha256(WEIGHTS).hexdigest(), size_bytes=len(WEIGHTS))
    values: dict[str, Any] = {"manifest": made("small", state), "lineage": lineage(), "files": (weights,)}
    return FederationOutcome(**values | members)


async def uploads(node: Node, state: str = "one") -> None:
    """What an outcome names."""
    for content in (content_of("edge", state), WEIGHTS):
        response = await upload(node, content)
        assert response.is_success, response.text


async def hands_in(node: Node, cause: str = "rounds", **members: Any) -> httpx.Response:
    await uploads(node)
    return await tells(node, progress(3, ended=cause), outcome(**members))
