"""What participants send, as it comes: chunks to the disk, and of each manifest an offer.

A Kafka partition for each participant: one whose update has to wait is not read on, and the others are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from agent.federation.coordinator.deciding import Offer
from agent.federation.coordinator.soundness import asked, obstacle, stranger
from agent.federation.coordinator.topics import Topics
from agent.federation.weights import UnlikeError
from agent.federation.wire.chunks import MANIFEST_KEY, chunk_key
from agent.federation.wire.inbox import Inbox
from agent.federation.wire.manifests import Content, UpdateManifest, update_manifest
from agent.federation.wire.reading import only_partition
from agent.federation.wire.signing import HEADER, is_signed
from shared.documents.federation import Federation
from shared.errors import DocumentError
from shared.storage import storage_errors

_TAKEN_AT_ONCE = 8
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """`content`: what the manifest promises, None of what cannot be looked at any further."""

    offer: Offer
    content: Content | None
    record: ConsumerRecord[bytes, bytes]


@dataclass(slots=True)
class _Sender:
    """`number`, `first`: of the update that is coming, and where its first chunk lies. `next`: to be read."""

    name: str
    public_key: str
    inbox: Inbox
    next: int | None = None
    number: int = -1
    first: int = 0
    is_held: bool = False


@dataclass(slots=True, kw_only=True)
class Intake:
    """`client`: started, reading committed records, of no group."""

    client: AIOKafkaConsumer
    topics: Topics
    federation: Federation
    folder: Path
    most_bytes: int
    is_attending: bool = field(default=False, init=False)
    _senders: dict[TopicPartition, _Sender] = field(default_factory=dict, init=False)
    _rewound: set[TopicPartition] = field(default_factory=set, init=False)

    def attend(self, participants: Mapping[str, str], *, decided: Callable[[str], int]) -> None:
        """To these from now on, public keys by name; their topics are there. `decided`: the offset of the last manifest
        of a participant that was decided on, -1 before the first. Raises StorageError.
        """
        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        there = {only_partition(self.topics.updates(name)): name for name in participants}
        for gone in self._senders.keys() - there.keys():
            self._senders.pop(gone).inbox.clear()
        for partition, name in there.items():
            known = self._senders.get(partition)
            if known is None:
                # The chunks of an update all lie behind the manifest before it.
                self._senders[partition] = self._new(name, participants[name], decided(name) + 1)
            else:
                known.public_key = participants[name]
        self._assign()
        self.is_attending = True

    async def take(self, timeout_s: float) -> Iterable[ConsumerRecord[bytes, bytes]]:
        """Some records, of each participant in their order; none after `timeout_s`. Raises ClusterError."""
        self._rewound.clear()
        taken = await self.client.getmany(timeout_ms=int(1000 * timeout_s), max_records=_TAKEN_AT_ONCE)
        return [record for some in taken.values() for record in some]

    def offered(self, record: ConsumerRecord[bytes, bytes]) -> Offered | None:
        """None of a chunk, of what is neither, and of whoever waits for the next round. Raises StorageError."""
        sender = self._sender(record)
        if sender is None or sender.is_held or TopicPartition(record.topic, record.partition) in self._rewound:
            return None
        sender.next = record.offset + 1
        if record.key == MANIFEST_KEY:
            return self._judged(sender, record)
        key = chunk_key(record.key)
        if key is not None and record.value is not None:
            if key.number != sender.number:
                sender.number, sender.first = key.number, record.offset
            sender.inbox.take(key, record.value)
        return None

    def whole(self, offered: Offered) -> bytes:
        """Raises UnlikeError with the reason when it is not what its manifest promises, StorageError."""
        sender = self._sender(offered.record)
        if sender is None or offered.content is None:
            raise UnlikeError("it takes no part any more")
        return sender.inbox.whole(offered.offer.number, offered.content)

    def done(self, offered: Offered) -> None:
        """It was decided on. Raises StorageError."""
        sender = self._sender(offered.record)
        if sender is not None and offered.offer.number:
            sender.inbox.clear()
            sender.number = -1

    def hold(self, offered: Offered) -> None:
        """It waits in its topic, and all that its participant sends after it, until `release`."""
        sender = self._sender(offered.record)
        if sender is not None:
            partition = TopicPartition(offered.record.topic, offered.record.partition)
            sender.is_held, sender.next = True, offered.record.offset
            self.client.pause(partition)

    def release(self) -> None:
        """A round has begun. What was taken before this of those who waited comes again, in its order."""
        for partition, sender in self._senders.items():
            if sender.is_held:
                sender.is_held = False
                self._rewound.add(partition)
                self.client.seek(partition, sender.next)
                self.client.resume(partition)

    def _new(self, name: str, public_key: str, start: int) -> _Sender:
        # Names are found in folders as they are in topics; two that differ in case are two.
        file = self.folder / sha256(name.encode()).hexdigest()[:32]
        return _Sender(name, public_key, Inbox(file, most_bytes=self.most_bytes), next=start)

    def _assign(self) -> None:
        partitions = [*self._senders]
        self.client.assign(partitions)
        for partition, sender in self._senders.items():
            self.client.seek(partition, sender.next or 0)
        held = [partition for partition, sender in self._senders.items() if sender.is_held]
        self.client.pause(*held)

    def _sender(self, record: ConsumerRecord[bytes, bytes]) -> _Sender | None:
        return self._senders.get(TopicPartition(record.topic, record.partition))

    def _judged(self, sender: _Sender, record: ConsumerRecord[bytes, bytes]) -> Offered:
        raw = record.value or b""
        refused = Offer(
            participant=sender.name, number=0, base=-1, records=0, steps=0, offset=record.offset, sha256=_NO_DIGEST
        )
        try:
            manifest = update_manifest(raw)
        except DocumentError as error:
            unread = replace(refused, unsound=f"its manifest cannot be read: {error}")
            return Offered(offer=unread, content=None, record=record)
        reason = stranger(manifest, self.topics.federation, self.topics.edition, sender.name)
        if not reason and not is_signed(raw, dict(record.headers).get(HEADER), public=sender.public_key):
            reason = "its signature is not that of its participant"
        if reason:
            return Offered(offer=replace(refused, unsound=reason), content=None, record=record)
        return Offered(offer=self._offer(sender, record, manifest), content=manifest.content, record=record)

    def _offer(self, sender: _Sender, record: ConsumerRecord[bytes, bytes], manifest: UpdateManifest) -> Offer:
        return Offer(
            participant=sender.name,
            number=manifest.number,
            base=manifest.base,
            records=manifest.records,
            steps=manifest.steps,
            offset=record.offset,
            first=sender.first if sender.number == manifest.number else record.offset,
            sha256=manifest.content.sha256,
            metrics=asked(manifest.metrics, self.federation),
            unsound=obstacle(manifest, self.federation),
        )
