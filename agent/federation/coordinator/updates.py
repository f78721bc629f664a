"""An update that was accepted, fetched again from where it lies: what a coordinator that takes over has to do."""

from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from agent.federation.coordinator.decisions import Accepted
from agent.federation.coordinator.standing import LogError
from agent.federation.coordinator.topics import Topics
from agent.federation.weights import UnlikeError
from agent.federation.wire.chunks import MANIFEST_KEY, chunk_key
from agent.federation.wire.inbox import Inbox
from agent.federation.wire.manifests import update_manifest
from agent.federation.wire.reading import only_partition, records
from shared.errors import DocumentError
from shared.storage import storage_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """`client`: started, and reading nothing else. `folder`: for one update at a time."""

    client: AIOKafkaConsumer
    topics: Topics
    folder: Path
    most_bytes: int

    async def again(self, accepted: Accepted) -> bytes:
        """Its content. Raises ClusterError, StorageError, LogError when it is there no more, or is another."""
        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        inbox = Inbox(self.folder / "again", most_bytes=self.most_bytes)
        partition = only_partition(self.topics.updates(accepted.participant))
        try:
            async for record in records(self.client, partition, start=accepted.first, end=accepted.offset + 1):
                if record.key != MANIFEST_KEY:
                    key = chunk_key(record.key)
                    if key is not None and key.number == accepted.number and record.value is not None:
                        inbox.take(key, record.value)
                elif record.offset == accepted.offset:
                    content = update_manifest(record.value or b"").content
                    raw = inbox.whole(accepted.number, content)
                    if content.sha256 != accepted.sha256:
                        raise UnlikeError(f"its digest is {content.sha256[:12]}, and was {accepted.sha256[:12]}")
                    return raw
            raise UnlikeError("its manifest is not there any more")
        except (UnlikeError, DocumentError) as error:
            which = f"update {accepted.number} of {accepted.participant!r}"
            raise LogError(f"{which} cannot be read again: {error}") from error
        finally:
            inbox.clear()
