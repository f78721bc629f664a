"""The client against the real control plane, which is killed while it is being asked."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.client import AsyncClient, Client, DeadlineExceededError
from shared.client.answers import nothing
from shared.client.flow import Call
from shared.client.paths import path
from shared.documents import (
    Artifact,
    ArtifactFormat,
    Cluster,
    Configuration,
    Deployment,
    DType,
    Enrolment,
    EnrolmentTokenRequest,
    ExitPolicy,
    Lineage,
    ModelManifest,
    NetworkSource,
    NodeFacts,
    RunResult,
    RunState,
    RunView,
    SourceFile,
    SubModel,
    TensorSpec,
    TierSpec,
    TrainingParameters,
    TrainingRequest,
    digest,
    encode,
)
from shared.documents.federation import Federation, UpdateParameters
from shared.documents.federation_workloads import FederationState
from shared.documents.stream import AnnouncementFound, StreamsReport
from shared.errors import ControlPlaneError
from shared.streams.announcement import Announcement
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from simulations.programs import RunningProgram
from simulations.stack import Layout, start_control_plane

LARGE_BYTES = 24 << 20
PIECE_BYTES = 1 << 20


class Plane:
    """A control plane that can be killed and started again on its port."""

    def __init__(self, directory: Path) -> None:
        self.layout = Layout(directory=directory)
        self.running: RunningProgram
        self.running, self.url = start_control_plane(self.layout, port=0, leashed=True)

    @property
    def credential(self) -> str:
        return self.layout.credential_file.read_text().strip()

    def kill(self) -> None:
        self.running.process.kill()
        self.running.process.wait()

    def start_again(self) -> None:
        port = int(self.url.rsplit(":", 1)[1])
        self.running, self.url = start_control_plane(self.layout, port=port, leashed=True)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    plane = Plane(tmp_path_factory.mktemp("plane"))
    yield plane
    plane.running.stop()


@pytest.fixture
def client(plane: Plane) -> Iterator[Client]:
    with Client(plane.url, credential=plane.credential) as client:
        yield client


def manifest(name: str, file: Path) -> ModelManifest:
    spec = TensorSpec(dtype=DType.FLOAT32, shape=(4,))
    artifact = Artifact(
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        size_bytes=file.stat().st_size,
        format=ArtifactFormat.TFLITE,
        file=file.name,
    )
    return ModelManifest(name=name, sub_models=(SubModel(tier="edge", input=spec, exit=spec, artifacts=(artifact,)),))


@pytest.fixture
def file(tmp_path: Path, unique: str) -> Path:
    """Different in each test: the control plane keeps what it has."""
    path = tmp_path / "edge.tflite"
    path.write_bytes(unique.encode() * 5000)
    return path


def deployment(name: str) -> Deployment:
    tier = TierSpec(tier="edge", cluster=name, exit=ExitPolicy(threshold=0.5))
    return Deployment(name=name, model=name, tiers=(tier,))


def test_from_an_artifact_to_a_deployment_and_back(client: Client, file: Path, tmp_path: Path, unique: str) -> None:
    version = client.models.register(manifest(unique, file), tmp_path)
    assert client.models.get(unique) == client.models.get(unique, 1) == version
    assert client.models.versions(unique) == (version,)
    client.clusters.put(Cluster(name=unique, bootstrap_servers=("127.0.0.1:9092",)))
    assert client.deployments.plan(deployment(unique)).changed
    view = client.deployments.put(deployment(unique))
    assert view.deployment.version == 1
    assert client.deployments.put(deployment(unique), if_match=view.etag) == view
    assert not client.deployments.plan(deployment(unique)).changed
    with pytest.raises(ControlPlaneError) as caught:
        client.deployments.put(deployment(unique), if_match="something-else")
    assert caught.value.status == 412
    assert not client.deployments.status(unique).ready
    with pytest.raises(DeadlineExceededError, match="edge lacks 1"):
        client.deployments.wait_until_ready(unique, deadline_s=0)
    client.deployments.delete(unique)
    with pytest.raises(ControlPlaneError):
        client.deployments.get(unique)


def test_a_node_enrols_once_and_sees_only_its_own_assignment(client: Client, plane: Plane, unique: str) -> None:
    token = client.tokens.create(EnrolmentTokenRequest(labels={"tier": "edge"})).token
    credential = client.nodes.enrol(Enrolment(name=unique), token=token).credential
    with pytest.raises(ControlPlaneError) as caught:
        client.nodes.enrol(Enrolment(name=f"{unique}-b"), token=token)
    assert caught.value.status == 401
    assert client.nodes.get(unique).labels == {"tier": "edge"}
    with Client(plane.url, credential=credential) as node:
        assert node.nodes.assignment(unique).node == unique
        with pytest.raises(ControlPlaneError) as refused:
            node.nodes.list()
        assert refused.value.status == 403


def test_an_artifact_comes_back_as_it_went(client: Client, file: Path, tmp_path: Path) -> None:
    sha256 = client.artifacts.upload(file, piece_bytes=7000).sha256
    to = client.artifacts.download(sha256, tmp_path / "back", piece_bytes=11_000)
    assert to.read_bytes() == file.read_bytes()


async def test_the_awaited_client_does_the_same(plane: Plane, file: Path, tmp_path: Path, unique: str) -> None:
    async with AsyncClient(plane.url, credential=plane.credential) as client:
        version = await client.models.register(manifest(unique, file), tmp_path)
        assert await client.models.get(unique) == version
        events = client.events()
        assert (await anext(events)).sequence > 0
        await events.aclose()


def test_from_a_network_to_a_trained_version(client: Client, plane: Plane, file: Path, unique: str) -> None:
    """1. an operator asks for it; 2. a node watches, and tells of a stream; 3. it hands in what it made of it."""
    source = client.artifacts.upload(file)
    network = NetworkSource(name=unique, files=(SourceFile(sha256=source.sha256, size_bytes=source.received_bytes),))
    assert client.networks.put(network) == client.networks.get(unique) == network
    assert network in client.networks.list()
    configuration = Configuration(name=unique, networks=(unique,))
    assert client.configurations.put(configuration) == client.configurations.get(unique)
    client.clusters.put(Cluster(name=unique, bootstrap_servers=("127.0.0.1:9092",)))
    request = client.requests.put(
        TrainingRequest(name=unique, configuration=unique, cluster=unique, selector={"site": unique})
    )
    assert client.requests.put(request, if_match=digest(request)) == client.requests.get(unique) == request
    with pytest.raises(ControlPlaneError, match="get it again"):
        client.requests.put(request, if_match="something-else")
    assert "site=" in client.requests.status(unique).unwatched

    with Client(plane.url, credential=enrolled_trainer(client, unique)) as node:
        node.run(report_of(request, node=unique))
        (run,) = client.runs.list(request=unique)
        (stream,) = client.streams.list()
        assert client.streams.get(run.stream) == stream
        made = manifest(unique, file)
        finished = node.runs.result(
            run.id, RunResult(attempt=1, manifest=made, lineage=lineage(run), epochs=1, test={})
        )
    assert finished == client.runs.get(run.id)
    assert client.models.get(unique, 1).lineage == lineage(run)
    assert client.models.set_alias(unique, "best", 1).aliases == ("best",)
    assert client.models.set_note(unique, 1, "good").note == "good"
    (again,) = client.requests.reuse(unique, stream.id)
    assert client.runs.cancel(again.id).state is RunState.CANCELLED
    assert client.runs.retry(again.id).attempt == 2
    client.runs.cancel(again.id)
    client.models.remove_alias(unique, "best")
    client.models.delete(unique, 1)
    client.requests.delete(unique)
    client.configurations.delete(unique)
    client.networks.delete(unique)


def test_a_federation_is_put_paused_cancelled_and_forgotten(client: Client, file: Path, unique: str) -> None:
    source = client.artifacts.upload(file)
    client.networks.put(
        NetworkSource(name=unique, files=(SourceFile(sha256=source.sha256, size_bytes=source.received_bytes),))
    )
    client.clusters.put(Cluster(name=unique, bootstrap_servers=("127.0.0.1:9092",)))
    wanted = Federation(name=unique, network=unique, cluster=unique, parameters=UpdateParameters(batch=32))
    view = client.federations.put(wanted)
    assert (view.federation, view.edition, view.state) == (wanted, 1, FederationState.WAITING)
    assert client.federations.put(wanted, if_match=digest(wanted)) == client.federations.get(unique)
    assert unique in [one.federation.name for one in client.federations.list()]
    with pytest.raises(ControlPlaneError) as caught:
        client.federations.put(wanted, if_match="something-else")
    assert caught.value.status == 412
    assert client.federations.pause(unique).state is FederationState.PAUSED
    assert client.federations.resume(unique).state is FederationState.WAITING
    assert client.federations.cancel(unique).state is FederationState.CANCELLED
    client.federations.delete(unique)
    with pytest.raises(ControlPlaneError, match=f"no federation {unique}"):
        client.federations.get(unique)


def enrolled_trainer(client: Client, name: str) -> str:
    """Its credential. It is given every watch and run of its site, which has its name."""
    facts = NodeFacts(backends=("keras",), workload_kinds=("announcements", "training"))
    token = client.tokens.create(EnrolmentTokenRequest(labels={"site": name})).token
    credential = client.nodes.enrol(Enrolment(name=name, facts=facts), token=token).credential
    client.nodes.label(name, {"site": name})
    return credential


def report_of(request: TrainingRequest, *, node: str) -> Call[None]:
    """A stream announced to this request."""
    announcement = Announcement(
        ranges=(Range(topic="data", partition=0, start=0, end=9),),
        input=RawInput(data_type="uint8", label_type="uint8"),
    )
    found = AnnouncementFound(partition=0, offset=0, timestamp_ms=-1, number=request.number, announcement=announcement)
    report = StreamsReport(cluster=request.cluster, control_topic=request.control_topic, found=(found,))
    return Call(method="POST", path=path("nodes", node, "streams"), content=encode(report), read=nothing)


def lineage(run: RunView) -> Lineage:
    return Lineage(
        run=run.id,
        request=run.request,
        network=run.network,
        sources=(),
        stream=run.stream,
        records="r",
        seed=0,
        split_seed=0,
        parameters=TrainingParameters(),
    )


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_an_upload_outlives_the_control_plane(client: Client, plane: Plane, tmp_path: Path) -> None:
    """1. half has arrived; 2. the control plane is killed; 3. it is started again; 4. the rest arrives, verified."""
    file = tmp_path / "large"
    file.write_bytes(b"\0" * LARGE_BYTES)
    killed: list[int] = []

    def kill_once(name: str, arrived: int, total: int) -> None:
        if arrived >= total // 2 and not killed:
            killed.append(arrived)
            plane.kill()
            plane.start_again()

    view = client.artifacts.upload(file, progress=kill_once, piece_bytes=PIECE_BYTES)
    assert killed
    assert (view.complete, view.received_bytes) == (True, LARGE_BYTES)
    assert client.artifacts.upload(file) == view
