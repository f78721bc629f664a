"""A control plane in this process, a clock that is moved by hand, and nodes that say what the test wants them to."""

# ruff: noqa: ANN401 - keywords are passed on to documents, settings and httpx as they come

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx

from controlplane.app import create_app
from controlplane.plane import ControlPlane, open_plane
from controlplane.settings import Settings
from controlplane.store.database import Database
from shared.documents import (
    Artifact,
    ArtifactFormat,
    Assignment,
    Cluster,
    Deployment,
    DeploymentStatus,
    DType,
    Enrolment,
    EnrolmentToken,
    EnrolmentTokenRequest,
    ExitPolicy,
    InferenceWorkload,
    ModelManifest,
    NodeCredential,
    NodeFacts,
    NodeReport,
    NodeView,
    Phase,
    Precision,
    SubModel,
    TensorSpec,
    TierSpec,
    WorkloadStatus,
    decode,
    digest,
    encode,
)

T = TypeVar("T")
SQLITE = "sqlite:///"
FACTS = NodeFacts(cores=4, memory_bytes=1000, backends=("litert",), workload_kinds=("inference",))
CLASSES = TensorSpec(dtype=DType.FLOAT32, shape=(10,))


@dataclass(slots=True)
class HandClock:
    """Both clocks move together by `advance`; `jump` moves the wall alone."""

    seconds: float = 0.0
    epoch: float = 1_800_000_000.0

    def wall(self) -> float:
        return self.epoch + self.seconds

    def monotonic(self) -> float:
        return 1000.0 + self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def jump(self, seconds: float) -> None:
        self.epoch += seconds


def tensor(*shape: int, dtype: DType = DType.FLOAT32) -> TensorSpec:
    return TensorSpec(dtype=dtype, shape=shape)


def artifact(
    content: bytes, *, format: ArtifactFormat = ArtifactFormat.TFLITE, precision: Precision = Precision.FLOAT32
) -> Artifact:
    return Artifact(sha256=sha256(content).hexdigest(), size_bytes=len(content), format=format, precision=precision)


def manifest(*tiers: str, name: str = "net", state: str = "one") -> ModelManifest:
    """A network over these tiers; `state` is what tells one version from another."""
    tiers = tiers or ("edge", "fog", "cloud")
    sub_models = []
    for index, tier in enumerate(tiers):
        is_last = index + 1 == len(tiers)
        sub_models.append(
            SubModel(
                tier=tier,
                input=tensor(index + 2),
                features=None if is_last else tensor(index + 3),
                exit=CLASSES,
                artifacts=(artifact(content_of(tier, state)),),
            )
        )
    return ModelManifest(name=name, sub_models=tuple(sub_models), description=state)


def content_of(tier: str, state: str) -> bytes:
    return f"{tier} {state}".encode()


def deployment(*tiers: str, name: str = "net", threshold: float = 0.8, **changes: Any) -> Deployment:
    specs = [
        TierSpec(tier=tier, cluster="main", exit=ExitPolicy(threshold=threshold))
        for tier in tiers or ("edge", "fog", "cloud")
    ]
    return Deployment(**{"name": name, "model": "net", "tiers": tuple(specs), **changes})


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@dataclass(slots=True)
class Node:
    """An agent as the control plane sees it: it takes its assignment, and says that it runs it."""

    site: "Site"
    name: str
    credential: str
    facts: NodeFacts = FACTS
    boot_id: str = "boot"
    sequence: int = 0
    highest: int = 0
    fails: Mapping[str, str] = field(default_factory=dict)

    async def assignment(self) -> Assignment:
        return decode((await self.get("assignment")).content, Assignment)

    async def workloads(self) -> tuple[InferenceWorkload, ...]:
        return tuple(decode(bytes(raw), InferenceWorkload) for raw in (await self.assignment()).workloads)

    async def get(self, what: str) -> httpx.Response:
        return await self.site.http.get(f"/v1/nodes/{self.name}/{what}", headers=bearer(self.credential))

    async def report(self, *statuses: WorkloadStatus, **changes: Any) -> httpx.Response:
        self.sequence += 1
        values: dict[str, Any] = {
            "node": self.name,
            "boot_id": self.boot_id,
            "sequence": self.sequence,
            "observed_generation": self.highest,
            "highest_generation": self.highest,
            "facts": self.facts,
            "workloads": statuses,
        }
        report = NodeReport(**values | changes)
        url = f"/v1/nodes/{self.name}/reports"
        return await self.site.http.post(url, headers=bearer(self.credential), content=encode(report))

    async def obey(self, phase: Phase = Phase.RUNNING) -> None:
        """Take the assignment and report that all of it is in `phase`."""
        assignment = await self.assignment()
        self.highest = max(self.highest, assignment.generation)
        statuses = [
            WorkloadStatus(
                id=workload.id,
                kind="inference",
                phase=phase,
                revision=digest(raw),
                versions=tuple(version.id for version in workload.versions),
                threshold=workload.exit.threshold if workload.exit else None,
            )
            for raw, workload in zip(assignment.workloads, await self.workloads(), strict=True)
        ]
        await self.report(*statuses)


@dataclass(slots=True)
class Site:
    """The control plane, and HTTP as its operator."""

    plane: ControlPlane
    clock: HandClock
    http: httpx.AsyncClient
    operator: str

    async def call(self, method: str, path: str, document: object = None, **options: Any) -> httpx.Response:
        content = options.pop("raw", None if document is None else encode(document))
        headers = bearer(self.operator) | options.pop("headers", {})
        return await self.http.request(method, f"/v1/{path}", content=content, headers=headers, **options)

    async def ask(self, kind: type[T], method: str, path: str, document: object = None, **options: Any) -> T:
        response = await self.call(method, path, document, **options)
        assert response.is_success, response.text
        return decode(response.content, kind)

    async def token(self, **labels: str) -> str:
        wanted = EnrolmentTokenRequest(labels=labels)
        return (await self.ask(EnrolmentToken, "POST", "enrolment-tokens", wanted)).token

    async def enrol(self, name: str, *, facts: NodeFacts = FACTS, **labels: str) -> Node:
        enrolment = Enrolment(name=name, labels=labels, facts=facts)
        response = await self.http.post("/v1/nodes", headers=bearer(await self.token()), content=encode(enrolment))
        assert response.status_code == 201, response.text
        return Node(self, name, decode(response.content, NodeCredential).credential, facts=facts)

    async def upload(self, content: bytes) -> httpx.Response:
        headers = bearer(self.operator) | {"Upload-Offset": "0", "Upload-Length": str(len(content))}
        return await self.http.patch(f"/v1/artifacts/{sha256(content).hexdigest()}", content=content, headers=headers)

    async def register(self, *tiers: str, state: str = "one") -> None:
        """A version of `net`, its artifacts and its cluster."""
        document = manifest(*tiers, state=state)
        for sub_model in document.sub_models:
            await self.upload(content_of(sub_model.tier, state))
        await self.call("PUT", "clusters/main", Cluster(name="main", bootstrap_servers=("kafka:9092",)))
        response = await self.call("POST", "models/net/versions", document)
        assert response.is_success, response.text

    async def deploy(self, wanted: Deployment) -> httpx.Response:
        response = await self.call("PUT", f"deployments/{wanted.name}", wanted)
        assert response.is_success, response.text
        return response

    async def status(self, name: str = "net") -> DeploymentStatus:
        return await self.ask(DeploymentStatus, "GET", f"deployments/{name}/status")

    async def node(self, name: str) -> NodeView:
        return await self.ask(NodeView, "GET", f"nodes/{name}")

    async def place(self) -> None:
        """One pass of the scheduler, now."""
        await self.plane.scheduler.change(lambda _: None, lambda _, nothing: nothing)


@cache
def empty_database() -> bytes:
    """Brought up to date once: three quarters of what it takes to open a control plane."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.sqlite"
        Database(f"{SQLITE}{file}").close()
        return file.read_bytes()


def prepare(database: Path) -> None:
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        database.write_bytes(empty_database())


@asynccontextmanager
async def opened(folder: Path, clock: HandClock | None = None, **settings: Any) -> AsyncIterator[Site]:
    """In a folder that may be there already, with what was left in it."""
    clock = clock or HandClock()
    given = Settings(state_dir=folder, **settings)
    prepare(Path(given.url_of_database.removeprefix(SQLITE)))
    plane = open_plane(given, clock=clock)
    operator = plane.settings.credential_file.read_text().strip()
    transport = httpx.ASGITransport(create_app(plane), raise_app_exceptions=False)
    try:
        async with plane.running(), httpx.AsyncClient(transport=transport, base_url="http://plane") as http:
            yield Site(plane, clock, http, operator)
    finally:
        plane.close()
