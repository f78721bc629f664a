"""A coordinator as the workload it is: a real network in a process of its own, a control plane at hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256

from agent.backoff import Backoff
from agent.control_plane import ControlPlane
from agent.federation.coordinator.workload import Coordinator
from agent.workload import Federating, Surroundings
from shared.documents import Cluster, Framework, NetworkSource, SourceFile, WorkloadStatus
from shared.documents.federation import Federation
from shared.documents.federation_workloads import CoordinatorWorkload, FederationReport
from shared.errors import ControlPlaneError, SettingsError
from tests.agent.federation.coordinator.federations import KEY, NAMES, signer
from tests.agent.pretend import CREDENTIAL
from tests.agent.training.running.attempts import TORCH_NETWORK, Bench

RETRY = Backoff(first_s=0.05, cap_s=0.5)


def workload(document: Federation, cluster: Cluster, network: str = TORCH_NETWORK) -> CoordinatorWorkload:
    content = network.encode()
    source = SourceFile(sha256=sha256(content).hexdigest(), size_bytes=len(content), file="clouds.py")
    return CoordinatorWorkload(
        id=f"federation.{document.name}.1.coordinator",
        clusters=(cluster,),
        federation=document,
        edition=1,
        network=NetworkSource(name="clouds", framework=Framework.TORCH, files=(source,)),
        participants={name: signer(name).public for name in NAMES},
        noise_key=KEY,
    )


@dataclass
class Told:
    """What a control plane was told; `refusal`: the status it answers with instead."""

    reports: list[FederationReport] = field(default_factory=list)
    refusal: int | None = None

    async def until(self, holds: Callable[[FederationReport], bool]) -> FederationReport:
        """The newest, as soon as it is so."""
        async with asyncio.timeout(60):
            while not (self.reports and holds(self.reports[-1])):  # noqa: ASYNC110 - once a second at most
                await asyncio.sleep(0.05)
        return self.reports[-1]

    async def report(self, report: FederationReport) -> None:
        if self.refusal is not None:
            raise ControlPlaneError("told to refuse", status=self.refusal)
        self.reports.append(report)


@dataclass
class AtWork:
    coordinator: Coordinator
    told: Told
    changed: asyncio.Event

    async def until(self, holds: Callable[[WorkloadStatus], bool], within_s: float = 200) -> WorkloadStatus:
        async with asyncio.timeout(within_s):
            while not holds(self.coordinator.status()):
                self.changed.clear()
                await asyncio.wait([asyncio.ensure_future(self.changed.wait())], timeout=0.2)
        return self.coordinator.status()


def _no_cluster(name: str) -> Cluster:
    raise SettingsError(name)


def surroundings(bench: Bench, told: Told, client: ControlPlane, changed: Callable[[], None]) -> Surroundings:
    plain = bench.surroundings(client, changed)
    federating = Federating(
        signature=lambda content: content, own_cluster=_no_cluster, policy_file=None, report=told.report
    )
    return replace(plain, federating=federating)


@asynccontextmanager
async def at_work(
    document: CoordinatorWorkload, bench: Bench, told: Told | None = None, *, retry: Backoff = RETRY
) -> AsyncIterator[AtWork]:
    """Until the end of the block, when it is drained."""
    told = told or Told()
    client = ControlPlane(bench.control_plane.url, tls=None, credential=CREDENTIAL)
    changed = asyncio.Event()
    coordinator = Coordinator(document, surroundings(bench, told, client, changed.set), retry=retry)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(coordinator.run())
        try:
            yield AtWork(coordinator, told, changed)
        finally:
            await coordinator.drain()
    await client.close()
