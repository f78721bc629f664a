"""One update after the other, each from a newer model, and what must be on the disk before each step of it.

A process that is killed at any moment is followed by one that goes on: before the content is sealed it trains to the
end with the same records from the same model; after that it sends what was sealed, and nothing else under its number.
"""

import asyncio
from dataclasses import dataclass, field

import msgspec

from agent.announcements.topics import until_there
from agent.checked_file import DamagedFileError
from agent.federation.aggregation.strategy import Local
from agent.federation.participant import drift, journal, sealing
from agent.federation.participant.account import Account
from agent.federation.participant.data import Data
from agent.federation.participant.drift import held_back
from agent.federation.participant.journal import Journal, Underway
from agent.federation.participant.learning import Learning, UnreadError, UntaughtError
from agent.federation.participant.permission import Permission
from agent.federation.participant.places import Places
from agent.federation.participant.spans import united
from agent.federation.participant.training_task import work
from agent.federation.weights import UnlikeError
from agent.federation.wire.following import Following, GlobalModel
from agent.federation.wire.manifests import UpdateManifest
from agent.federation.wire.reading import end_of, only_partition
from agent.federation.wire.sending import Sending
from agent.training.running.harvest import trained
from agent.training.running.outcome import CrashedError, HopelessError
from shared.documents import Rates
from shared.documents.federation_workloads import ParticipantWorkload
from shared.errors import DocumentError, StorageError
from shared.kafka import connect, consumer, stop_within, translated
from shared.storage import storage_errors
from shared.threads import to_its_end

_STOP_TIMEOUT_S = 5.0


@dataclass(slots=True, kw_only=True)
class Updates:
    document: ParticipantWorkload
    participant: str
    places: Places
    local: Local
    account: Account
    permission: Permission
    data: Data
    following: Following
    learning: Learning
    sending: Sending
    _journal: Journal | None = field(default=None, init=False)

    async def one(self) -> None:
        """From waiting for a model to the acknowledgement of what was learnt from it; may be called again whatever it
        raised: what outcome.py says, UnlikeError, ArtifactError, ClusterError, ControlPlaneError, StorageError."""
        # 1. Where the last process was.
        now = await self._opened()
        await self.permission.granted()
        # 2. A model, and records.
        underway = now.underway or await self._begun(now)
        try:
            # 3. What was learnt, as it will travel.
            manifest = await self._sealed(underway)
        except UnreadError as error:
            await self._give_up(now.base, str(error))
            raise
        except (UntaughtError, HopelessError, UnlikeError) as error:
            await self._give_up(underway.base, str(error))
            return
        # 4. On its way, and remembered.
        await self.permission.granted()
        await self.sending.send(self.places.outgoing / "content", manifest)
        await self._settle(underway, manifest)

    async def _opened(self) -> Journal:
        if self._journal is None:
            self._journal = await asyncio.to_thread(_opened, self.places, self.document)
            self._count(self._journal)
        underway = self._journal.underway
        if underway is not None and underway.work != work(self.document):
            await self._give_up(self._journal.base, "an update was given up: the federation is another now")
        return self._journal

    async def _begun(self, now: Journal) -> Underway:
        # Not a model before there is something to learn: it would be an old one by then.
        await self.data.enough(now.learnt)
        model = await self.following.newer(now.base)
        lesson = await self.data.enough(now.learnt)
        await self.permission.granted()
        self.account.notice(lesson.notice)
        await asyncio.to_thread(sealing.remove, self.places)
        try:
            underway = await asyncio.to_thread(self.learning.place, model, lesson)
        except UnlikeError as error:
            await self._give_up(model.round, f"model {model.round} is passed over: {error}")
            raise
        await self._remember(msgspec.structs.replace(now, underway=underway, missed=_missed(now, model)))
        return underway

    async def _sealed(self, underway: Underway) -> UpdateManifest:
        found = await asyncio.to_thread(sealing.sealed, self.places)
        if found is not None:
            return found
        await self.learning.learn(underway)
        number = await self._number()
        await self._remember(msgspec.structs.replace(self._now, number=number))
        await to_its_end(
            sealing.seal,
            self.places,
            self.document,
            self.local,
            participant=self.participant,
            base=underway.base,
            number=number,
        )
        manifest = await asyncio.to_thread(sealing.sealed, self.places)
        if manifest is None:
            raise StorageError(f"{self.places.outgoing} does not hold what was written there: is its disk well?")
        return manifest

    async def _number(self) -> int:
        """One that nothing was sent under, also by a site that has lost its disk since."""
        cluster, topic = self.sending.cluster, self.sending.topic
        missing = f"waits for the coordinator: there is no topic {topic!r} yet"
        await until_there(cluster, topic, missing=lambda: self.account.does(missing))
        client = consumer(cluster, group=None, read_committed=True)
        with translated(cluster.name):
            try:
                await connect(client)
                return max(self._now.number, await end_of(client, only_partition(topic))) + 1
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)

    async def _settle(self, underway: Underway, manifest: UpdateManifest) -> None:
        learnt = self._now.learnt
        await asyncio.to_thread(sealing.settle, self.places)
        after = msgspec.structs.replace(
            await self._judged(underway),
            base=underway.base,
            learnt=united((*learnt, *underway.ranges)),
            underway=None,
        )
        await self._remember(after)
        self.account.add(updates_sent=1, records=manifest.records)
        await asyncio.to_thread(sealing.remove, self.places)

    async def _judged(self, underway: Underway) -> Journal:
        """What the records that were held back say of the site's others."""
        rates = Rates(validation=underway.validation, test=underway.test)
        try:
            results = await asyncio.to_thread(trained, self.places.attempt)
        except (CrashedError, HopelessError):
            return self._now
        if (found := held_back(results, rates)) is None:
            return self._now
        detector, has_drifted = drift.after(self._now.drift, found)
        if has_drifted:
            self.account.notice(
                f"drift: of the records held back for the update of model {underway.base} more are wrong"
            )
        return msgspec.structs.replace(self._now, drift=detector, drifts=self._now.drifts + has_drifted)

    async def _give_up(self, base: int, why: str) -> None:
        """`base`: the round whose model nothing more is learnt from."""
        self.account.notice(why)
        await self._remember(msgspec.structs.replace(self._now, base=max(base, self._now.base), underway=None))
        await asyncio.to_thread(sealing.remove, self.places)

    async def _remember(self, now: Journal) -> None:
        await asyncio.to_thread(journal.save, self.places.folder, now)
        self._journal = now
        self._count(now)

    def _count(self, now: Journal) -> None:
        self.account.count(rounds_missed=now.missed, model=now.base, drifts=now.drifts)

    @property
    def _now(self) -> Journal:
        assert self._journal is not None  # noqa: S101 - opened before
        return self._journal


def _opened(places: Places, document: ParticipantWorkload) -> Journal:
    """Of another edition nothing is of any use. A journal that is damaged costs what it remembers: Kafka knows which
    numbers were used."""
    with storage_errors(places.folder):
        places.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name, edition = document.federation.name, document.edition
    try:
        found = journal.opened(places.folder, federation=name, edition=edition)
    except (DocumentError, DamagedFileError):
        found = None
    if found is not None:
        return found
    sealing.forget(places)
    fresh = Journal(federation=name, edition=edition)
    journal.save(places.folder, fresh)
    return fresh


def _missed(now: Journal, model: GlobalModel) -> int:
    """Models that nothing was learnt from, since the first one that something was."""
    return now.missed + (max(0, model.round - now.base - 1) if now.base >= 0 else 0)
