"""A site that takes part: its data and the platform's topics in one real broker, the coordinator played by the test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from aiokafka.admin import NewTopic
from numpy.typing import NDArray

from agent.artifacts import Wanted
from agent.backoff import Backoff
from agent.clock import Clock
from agent.federation.participant.workload import Participant
from agent.federation.wire.chunks import chunk_key
from agent.federation.wire.inbox import Inbox
from agent.federation.wire.manifests import GlobalManifest, UpdateManifest, to_bytes, update_manifest
from agent.federation.wire.publishing import content_of, publish
from agent.federation.wire.signing import HEADER, Signer, is_signed
from agent.federation.wire.tensors import to_bytes as tensor_bytes
from agent.metrics import Metrics
from agent.workload import Federating, Surroundings
from shared.documents import (
    Cluster,
    Framework,
    NetworkSource,
    Optimiser,
    SourceFile,
    WorkloadStatus,
)
from shared.documents.federation import Federation, UpdateParameters
from shared.documents.federation_workloads import FederationReport, ParticipantWorkload
from shared.documents.stream import StreamsReport
from shared.kafka import admin, consumer, producer
from shared.streams import control_message
from shared.streams.announcement import Announcement
from shared.topics import federation_topic
from tests.agent.no_results import nothing_to_hand_in, nothing_to_tell, nothing_to_upload
from tests.agent.training.running.attempts import TORCH_NETWORK, sent

SITE = "site-a"
MODEL: dict[str, NDArray[np.float32]] = {
    "cloud.0.weight": np.zeros((3, 12), np.float32),
    "cloud.0.bias": np.zeros(3, np.float32),
}
PARAMETERS = UpdateParameters(batch=32, optimiser=Optimiser(learning_rate=0.05), seed=11, checkpoint_every_s=0.0)


@dataclass
class Update:
    manifest: UpdateManifest
    content: bytes
    is_signed: bool


@dataclass
class Taking:
    """One site of one federation; `network`: the content of its file, `policy`: of its; None: there is none.

    `own`: the site's Kafka where it is not the platform's as well; `fetched` is called when the network's file is.
    """

    folder: Path
    cluster: Cluster
    name: str
    network: str = TORCH_NETWORK
    policy: str | None = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], datetime] | None = None
    own: Cluster | None = None
    fetched: Callable[[], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        (self.folder / "network.py").write_text(self.network)
        self.signer = Signer.kept_in(self.folder / "key")
        if self.policy == "":
            self.policy = f'federations = ["{self.name}"]\nsources = "any"\n'
        self.allow(self.policy)

    @property
    def policy_file(self) -> Path:
        return self.folder / "policy.toml"

    def allow(self, policy: str | None) -> None:
        if policy is not None:
            self.policy_file.write_text(policy)

    @property
    def document(self) -> ParticipantWorkload:
        content = self.network.encode()
        source = SourceFile(sha256=sha256(content).hexdigest(), size_bytes=len(content), file="clouds.py")
        federation = Federation(
            name=self.name,
            network="clouds",
            cluster=self.cluster.name,
            control_topic=self.control_topic,
            parameters=PARAMETERS,
            metrics=("cloud/accuracy",),
            threads=1,
        )
        return ParticipantWorkload(
            id=f"participant.{self.name}",
            clusters=(self.cluster,),
            federation=msgspec.structs.replace(federation, **self.changes),
            edition=1,
            network=NetworkSource(name="clouds", framework=Framework.TORCH, files=(source,)),
        )

    @property
    def control_topic(self) -> str:
        return f"{self.name}-control"

    def topic(self, what: str, participant: str = "") -> str:
        return federation_topic(self.name, 1, what, participant)

    @property
    def updates_topic(self) -> str:
        return self.topic("updates", SITE)

    def surroundings(self, changed: Callable[[], None]) -> Surroundings:
        return Surroundings(
            node=SITE,
            boot_id="00",
            clock=Clock() if self.now is None else Clock(now=self.now),
            metrics=Metrics(),
            artifact=self._artifact,
            spool_directory=self.folder / "spool",
            changed=changed,
            streams=_nothing_found,
            common=self.folder / "common",
            upload=nothing_to_upload,
            hand_in=nothing_to_hand_in,
            profiled=nothing_to_tell,
            federating=Federating(
                signature=self.signer.sign,
                own_cluster=lambda name: msgspec.structs.replace(self.own or self.cluster, name=name),
                policy_file=None if self.policy is None else self.policy_file,
                report=_nothing_told,
            ),
        )

    async def make_topics(self) -> None:
        """As the coordinator does."""
        async with admin(self.cluster) as client:
            compact = {"cleanup.policy": "compact"}
            await client.create_topics(
                [
                    NewTopic(self.topic("models"), 1, 1, topic_configs=compact),
                    NewTopic(self.updates_topic, 1, 1, topic_configs={"retention.ms": "-1"}),
                ]
            )

    async def publish(self, number: int, model: Mapping[str, NDArray[Any]] = MODEL, **changes: object) -> None:
        raw = tensor_bytes(model)
        manifest = GlobalManifest(federation=self.name, edition=1, round=number, content=content_of(raw))
        manifest = msgspec.structs.replace(manifest, **changes)
        async with producer(self.cluster, transactional_id=f"{self.name}.coordinator") as client:
            await publish(client, self.topic("models"), number=number, pieces=[raw], manifest=to_bytes(manifest))

    async def announce(self, announcement: Announcement | bytes, key: bytes | None = b"1") -> None:
        value = announcement if isinstance(announcement, bytes) else control_message.encode(announcement)
        async with producer(self.cluster) as client:
            await client.send_and_wait(self.control_topic, value=value, key=key)

    async def give(
        self, topic: str = "data", given: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None
    ) -> Announcement:
        announcement = await sent(self.cluster, f"{self.name}-{topic}", given)
        await self.announce(announcement)
        return announcement

    async def send(self, topic: str) -> None:
        """Records alone."""
        await sent(self.cluster, topic)

    async def updates(self, count: int) -> list[Update]:
        """So many whole ones, waited for."""
        inbox, found = Inbox(self.folder / "inbox", most_bytes=2**25), []
        client = consumer(self.cluster, group=None, read_committed=True)
        client.subscribe([self.updates_topic])
        async with asyncio.timeout(120), client:
            async for record in client:
                if (key := chunk_key(record.key)) is not None:
                    inbox.take(key, record.value)
                    continue
                manifest = update_manifest(record.value)
                signature = dict(record.headers).get(HEADER)
                content = inbox.whole(manifest.number, manifest.content)
                signed = is_signed(record.value, signature, public=self.signer.public)
                found.append(Update(manifest, content, signed))
                if len(found) == count:
                    return found
        raise AssertionError

    async def _artifact(self, _: Wanted) -> Path:
        if self.fetched is not None:
            await self.fetched()
        return self.folder / "network.py"


@dataclass
class AtWork:
    workload: Participant
    changed: asyncio.Event

    async def until(self, holds: Callable[[WorkloadStatus], bool], *, deadline_s: float = 120) -> WorkloadStatus:
        try:
            async with asyncio.timeout(deadline_s):
                while not holds(self.workload.status()):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(str(self.workload.status())) from None
        return self.workload.status()

    async def reason(self, *parts: str) -> WorkloadStatus:
        return await self.until(lambda status: all(part in status.reason for part in parts))


@asynccontextmanager
async def at_work(taking: Taking) -> AsyncIterator[AtWork]:
    """Until the end of the block, when it is drained."""
    changed = asyncio.Event()
    workload = Participant(
        taking.document, taking.surroundings(changed.set), retry=Backoff(first_s=0.05, cap_s=0.5), look_s=0.3
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(workload.run())
        try:
            yield AtWork(workload, changed)
        finally:
            await workload.drain()


async def _nothing_found(_: StreamsReport) -> None:
    raise AssertionError("nobody watches here")


async def _nothing_told(_: FederationReport) -> None:
    raise AssertionError("a participant reports by its status alone")
