"""An update arrives once and whole, however often its sender was cut off."""

import asyncio
import tracemalloc
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord

from agent.federation.wire.chunks import CHUNK_BYTES, chunk_key
from agent.federation.wire.inbox import Inbox
from agent.federation.wire.manifests import Content, UpdateManifest, to_bytes, update_manifest
from agent.federation.wire.reading import end_of, only_partition, records
from agent.federation.wire.sending import MOST_UNACKNOWLEDGED, Sending
from agent.federation.wire.signing import HEADER, Signer, is_signed
from shared.documents import Cluster
from shared.errors import ClusterError
from shared.kafka import admin, consumer, ensure_topic
from simulations.kafka.cluster import KafkaCluster

CHUNKS = 41
CONTENT = b"".join(bytes([number]) * CHUNK_BYTES for number in range(CHUNKS - 1)) + b"the end"


class CutOffError(Exception):
    """As a process that is killed."""


@dataclass
class Upload:
    """Of one content by one site; `leaves` asks before each piece."""

    cluster: Cluster
    topic: str
    folder: Path
    left: int = 0
    told: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signer = Signer.kept_in(self.folder / "key")
        self.content = self.folder / "content"
        self.content.write_bytes(CONTENT)

    @property
    def manifest(self) -> UpdateManifest:
        content = Content(chunks=CHUNKS, size_bytes=len(CONTENT), sha256=sha256(CONTENT).hexdigest())
        return UpdateManifest(
            federation="f",
            edition=1,
            participant="north",
            number=7,
            base=0,
            encoding="float32",
            records=1,
            steps=1,
            content=content,
        )

    def sending(self, *, cut_off_after: int = CHUNKS + 1) -> Sending:
        """Cut off once so many chunks are acknowledged."""

        def acknowledge(chunks: int, total: int) -> None:
            self.told.append((chunks, total))
            if chunks >= cut_off_after:
                raise CutOffError

        return Sending(
            cluster=self.cluster,
            topic=self.topic,
            signature=self.signer.sign,
            leave=self._leave,
            acknowledged=acknowledge,
        )

    async def _leave(self, size: int) -> None:
        self.left += size

    async def arrived(self) -> list["ConsumerRecord[bytes, bytes]"]:
        partition = only_partition(self.topic)
        async with consumer(self.cluster, group=None, read_committed=True) as client:
            end = await end_of(client, partition)
            return [one async for one in records(client, partition, start=None, end=end)]


@pytest.fixture
async def upload(broker: KafkaCluster, unique: str, tmp_path: Path) -> Upload:
    cluster = Cluster(name="platform", bootstrap_servers=tuple(broker.bootstrap_servers.split(",")))
    async with admin(cluster) as client:
        await ensure_topic(client, cluster, unique, partitions=1)
    return Upload(cluster, unique, tmp_path)


def whole(arrived: list["ConsumerRecord[bytes, bytes]"], folder: Path, public: str) -> bytes:
    inbox = Inbox(folder / "inbox", most_bytes=2 * len(CONTENT))
    *chunks, last = arrived
    for one in chunks:
        key = chunk_key(one.key)
        assert key is not None
        assert one.value is not None
        inbox.take(key, one.value)
    assert last.value is not None
    manifest = update_manifest(last.value)
    assert is_signed(last.value, dict(last.headers)[HEADER], public=public)
    return inbox.whole(manifest.number, manifest.content)


async def test_chunks_come_first_and_the_signed_manifest_last(upload: Upload) -> None:
    await upload.sending().send(upload.content, upload.manifest)
    arrived = await upload.arrived()
    assert len(arrived) == CHUNKS + 1
    assert whole(arrived, upload.folder, upload.signer.public) == CONTENT
    assert upload.told[-1] == (CHUNKS, CHUNKS)


async def test_few_chunks_are_in_memory(upload: Upload) -> None:
    tracemalloc.start()
    try:
        await upload.sending().send(upload.content, upload.manifest)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(CONTENT) / 2


async def test_whoever_lets_it_leave_knows_of_every_byte(upload: Upload) -> None:
    await upload.sending().send(upload.content, upload.manifest)
    assert upload.left == len(CONTENT) + len(to_bytes(upload.manifest))


@pytest.mark.parametrize("chunks", [1, 7, 8, 25, CHUNKS])
async def test_a_sender_that_was_cut_off_goes_on_where_it_was(upload: Upload, chunks: int) -> None:
    with pytest.raises(CutOffError):
        await upload.sending(cut_off_after=chunks).send(upload.content, upload.manifest)
    await upload.sending().send(upload.content, upload.manifest)
    arrived = await upload.arrived()
    assert whole(arrived, upload.folder, upload.signer.public) == CONTENT
    # What was under way when it was cut off, and what a small file does not remember yet, is sent again.
    assert len(arrived) <= CHUNKS + 1 + MOST_UNACKNOWLEDGED + 8


async def test_what_was_sent_is_only_spoken_of_again(upload: Upload) -> None:
    for _ in range(2):
        await upload.sending().send(upload.content, upload.manifest)
    assert len(await upload.arrived()) == CHUNKS + 2


async def test_a_file_that_is_damaged_costs_nothing_but_bytes(upload: Upload) -> None:
    with pytest.raises(CutOffError):
        await upload.sending(cut_off_after=9).send(upload.content, upload.manifest)
    (upload.folder / "content.sent").write_bytes(b"rubbish")
    await upload.sending().send(upload.content, upload.manifest)
    assert whole(await upload.arrived(), upload.folder, upload.signer.public) == CONTENT


async def test_a_cluster_that_is_away_is_said_to_be(upload: Upload) -> None:
    upload.cluster = Cluster(name="platform", bootstrap_servers=("127.0.0.1:9",))
    async with asyncio.timeout(60):
        with pytest.raises(ClusterError, match="platform"):
            await upload.sending().send(upload.content, upload.manifest)
