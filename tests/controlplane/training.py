"""What training needs of a stage: a network and a request that waits, a node that watches and trains, announcements."""

# ruff: noqa: ANN401 - keywords are passed on to documents as they come

from hashlib import sha256
from typing import Any

import httpx

from controlplane.clock import Times
from controlplane.runs import Run
from controlplane.training_views import run_view
from shared.documents import (
    Cluster,
    Configuration,
    Lineage,
    ModelManifest,
    NetworkSource,
    NodeFacts,
    RunFile,
    RunResult,
    RunView,
    SourceFile,
    TrainingParameters,
    TrainingRequest,
    encode,
)
from shared.documents.stream import AnnouncementFound, Kept, StreamsReport
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from tests.controlplane.stage import Node, Site, bearer, content_of, manifest

TRAINER = NodeFacts(
    cores=4, memory_bytes=1000, backends=("keras",), workload_kinds=("inference", "announcements", "training")
)
SOURCE = b"def network(): ..."
WEIGHTS = b"weights"
CONTROL = "KAFKA_ML_CONTROL_TOPIC"


def source(name: str = "small", content: bytes = SOURCE) -> NetworkSource:
    file = SourceFile(sha256=sha256(content).hexdigest(), size_bytes=len(content), file="network.py")
    return NetworkSource(name=name, files=(file,))


def request(name: str = "hourly", **changes: Any) -> TrainingRequest:
    return TrainingRequest(**{"name": name, "configuration": "first", "cluster": "main", **changes})


def announcement(topic: str = "data", start: int = 0, end: int = 100) -> Announcement:
    return Announcement(
        ranges=(Range(topic=topic, partition=0, start=start, end=end),),
        input=RawInput(data_type="uint8", label_type="uint8"),
    )


async def networked(site: Site, *names: str) -> None:
    """A cluster `main`, networks of these names, and a configuration `first` of all of them."""
    names = names or ("small",)
    await site.upload(SOURCE)
    await put(site, "clusters/main", Cluster(name="main", bootstrap_servers=("kafka:9092",)))
    for name in names:
        await put(site, f"networks/{name}", source(name))
    await put(site, "configurations/first", Configuration(name="first", networks=names))


async def put(site: Site, path: str, document: object) -> None:
    response = await site.call("PUT", path, document)
    assert response.is_success, response.text


async def wanted(site: Site, **changes: Any) -> TrainingRequest:
    """A request that waits for streams."""
    document = request(**changes)
    return await site.ask(TrainingRequest, "PUT", f"training-requests/{document.name}", document)


async def trainer(site: Site, name: str = "box") -> Node:
    """A node that is given every watch and every run."""
    node = await site.enrol(name, facts=TRAINER)
    await site.place()
    return node


async def post(node: Node, path: str, document: object) -> httpx.Response:
    return await node.site.http.post(f"/v1/{path}", headers=bearer(node.credential), content=encode(document))


def found(
    site: Site, what: Announcement | None, *, number: int = 1, offset: int = 0, older_s: float = 0, refused: str = ""
) -> AnnouncementFound:
    """A record written `older_s` ago."""
    timestamp_ms = int((site.clock.wall() - older_s) * 1000)
    return AnnouncementFound(
        partition=0, offset=offset, timestamp_ms=timestamp_ms, number=number, announcement=what, refused=refused
    )


async def report(
    node: Node, *records: AnnouncementFound, kept: tuple[Kept, ...] = (), cluster: str = "main"
) -> httpx.Response:
    document = StreamsReport(cluster=cluster, control_topic=CONTROL, found=records, kept=kept)
    return await post(node, f"nodes/{node.name}/streams", document)


async def announced(node: Node, what: Announcement | None = None, **about: Any) -> None:
    response = await report(node, found(node.site, what or announcement(), **about))
    assert response.status_code == 204, response.text


async def running(site: Site, *networks: str, **changes: Any) -> tuple[Node, RunView]:
    """A run that lies on a node."""
    await networked(site, *networks)
    await wanted(site, **changes)
    node = await trainer(site)
    await announced(node)
    return node, await run(site)


async def run(site: Site, id_: int = 1) -> RunView:
    return await site.ask(RunView, "GET", f"runs/{id_}")


def result(of: RunView, state: str = "one", **changes: Any) -> RunResult:
    """`state` is what tells one version from another."""
    weights = RunFile(name="weights.npz", sha256=sha256(WEIGHTS).hexdigest(), size_bytes=len(WEIGHTS))
    values: dict[str, Any] = {
        "attempt": of.attempt,
        "manifest": made(of.network, state),
        "lineage": lineage(of),
        "epochs": 1,
        "test": {},
        "files": (weights,),
    }
    return RunResult(**values | changes)


def made(network: str, state: str) -> ModelManifest:
    return manifest("edge", name=network, state=state)


def lineage(of: RunView) -> Lineage:
    return Lineage(
        run=of.id,
        request=of.request,
        network=of.network,
        sources=(sha256(SOURCE).hexdigest(),),
        stream=of.stream,
        records="r",
        seed=0,
        split_seed=0,
        parameters=TrainingParameters(),
    )


async def upload(node: Node, content: bytes) -> httpx.Response:
    """By the node itself."""
    headers = bearer(node.credential) | {"Upload-Offset": "0", "Upload-Length": str(len(content))}
    url = f"/v1/artifacts/{sha256(content).hexdigest()}"
    return await node.site.http.patch(url, content=content, headers=headers)


async def hand_in(node: Node, of: RunView, state: str = "one", **changes: Any) -> httpx.Response:
    """Upload what the result names, then the result."""
    for content in (content_of("edge", state), WEIGHTS):
        await upload(node, content)
    return await post(node, f"runs/{of.id}/results", result(of, state, **changes))


def run_view_of(stored: Run) -> RunView:
    return run_view(stored, Times(wall=0.0, steady=0.0))
