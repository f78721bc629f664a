"""The way to an upper tier on another cluster, which may be away for as long as it likes.

    connecting -> up <-> down: tried again with a growing pause -> catching up (the spool first, in order) -> up

What was sent and not acknowledged within the deadline counts as not delivered, and its producer is abandoned: Kafka may
still deliver it later, so a record may arrive twice, with one id. With `wait` it goes to the spool, where fsync is
as good as a delivery; with `degrade` the caller answers it here.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from random import Random

from aiokafka.errors import KafkaError, KafkaTimeoutError

from agent.backoff import Backoff
from agent.clock import Clock
from agent.inference import parcels
from agent.inference.ascent import Ascent, Carrier, Link, State, abandon, connect
from agent.inference.batch import Departure
from agent.inference.courier import TOO_LARGE, Refused
from agent.inference.dead_letter_office import DeadLetterOffice
from agent.inference.metrics import InferenceMetrics
from agent.inference.parcels import Parcel
from agent.inference.spool import Spool, SpoolEntry
from agent.inference.upper_topic import is_there
from shared.documents import Cluster, UplinkMode
from shared.documents import Uplink as UplinkSettings
from shared.errors import ClusterError, FoglineError, StorageError
from shared.kafka import cluster_error, translated
from shared.kafka.clients import MAX_BATCH_BYTES

logger = logging.getLogger(__name__)

PROBE = Backoff(first_s=0.25, cap_s=5.0)
# How many spooled records go up together, where the link carries them within the deadline.
_CATCH_UP_RECORDS = 256
# A disk that refused is asked again, even if nothing was released meanwhile.
_DISK_RETRY_S = 1.0


class Uplink:
    """Used by one sender and one waiter, both in order of the micro-batches; `run` goes on beside them.

    `office` takes the records that the upper cluster will never take.
    `changed` is called whenever `state` or `trouble` has changed.
    """

    def __init__(
        self,
        *,
        cluster: Cluster,
        topic: str,
        settings: UplinkSettings,
        spool: Spool,
        metrics: InferenceMetrics,
        clock: Clock,
        random: Random,
        office: DeadLetterOffice,
        changed: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.state = State.CONNECTING
        self.trouble = ""
        self._cluster = cluster
        self._topic = topic
        self._spool = spool
        self._metrics = metrics
        self._clock = clock
        self._random = random
        self._office = office
        self._changed = changed
        self._link: Link | None = None
        self._max_batch_bytes = MAX_BATCH_BYTES
        self._failures = 0
        self._together = _CATCH_UP_RECORDS
        self._unsettled = 0
        self._tried = asyncio.Event()
        self._gate = asyncio.Event()
        self._gate.set()
        self._progress = asyncio.Event()
        self._room = asyncio.Event()

    @property
    def degrades(self) -> bool:
        """What would be forwarded now is to be answered here instead."""
        if not self._tried.is_set():
            return False
        return self.settings.mode is UplinkMode.DEGRADE and self.state in (State.DOWN, State.CATCHING_UP)

    async def run(self) -> None:
        """Until cancelled: connect, catch up, stay up until the link is lost, again."""
        while True:
            link = await self._connect()
            try:
                await self._catch_up(link)
                await self._stay_up(link)
            except (FoglineError, KafkaError, TimeoutError) as error:
                self._failures += 1
                self._lose(link, str(error) or "no acknowledgement before the deadline")
            finally:
                self._gate.set()
                await abandon(link)

    async def send(self, departures: Sequence[Departure]) -> Ascent:
        """Waits for nothing that is on its way: `settle` knows how it ended, also when the uplink is not up."""
        await self._gate.wait()
        await self._first_attempt()
        self._unsettled += 1
        link = self._link if self.state is State.UP else None
        ascent = Ascent(departures, link, since=self._clock.monotonic())
        if link is not None:
            link.put(ascent)
        return ascent

    async def settle(self, ascent: Ascent) -> bool:
        """True once all is delivered or safely on disk; False when the caller must answer the records itself."""
        try:
            missing = await self._missing(ascent)
            if not missing:
                return True
            if self.settings.mode is UplinkMode.DEGRADE:
                return False
            await self._put_on_disk(missing)
            return True
        finally:
            self._unsettled -= 1
            self._progress.set()

    async def caught_up(self) -> None:
        """Until the spool is empty, or the upper tier is away: then what is on disk waits there."""
        while self.state is State.CATCHING_UP:
            self._room.clear()
            await self._until_room()

    async def _first_attempt(self) -> None:
        if not self._tried.is_set():
            try:
                async with asyncio.timeout(self.settings.deadline_s):
                    await self._tried.wait()
            except TimeoutError:
                self._become(State.DOWN, "no connection before the deadline")

    async def _missing(self, ascent: Ascent) -> list[Departure]:
        """What was not delivered in time."""
        if ascent.link is not None and not ascent.over.is_set():
            left_s = ascent.since + self.settings.deadline_s - self._clock.monotonic()
            try:
                async with asyncio.timeout(max(0.0, left_s)):
                    await ascent.over.wait()
            except TimeoutError:
                self._lose(ascent.link, f"no acknowledgement within {self.settings.deadline_s:g} s")
        return ascent.missing()

    async def _carry(self, link: Link, carrier: Carrier) -> None:
        """Until cancelled, or until the link is lost."""
        while not link.lost.is_set():
            departures = await link.take(carrier)
            try:
                sent = await parcels.send(carrier.producer, self._topic, departures, turn=carrier.turn)
                await asyncio.wait([parcel.delivered for parcel in sent])
            except KafkaError as error:
                self._lose(link, f"cannot send: {error!r}")
                return
            for parcel in sent:
                if await self._failure(parcel) is None:
                    link.delivered(parcel.departures)
                # The producer has a gap in its sequence now, also where the record was given up.
                if (refusal := _refusal(parcel)) is not None:
                    self._lose(link, repr(refusal))

    async def _failure(self, parcel: Parcel) -> BaseException | None:
        """Why it must be sent again; None when it was delivered and is counted, or never will be and was buried."""
        error = _refusal(parcel)
        if error is None:
            self._metrics.up_bytes.add(parcel.size_bytes)
            self._metrics.forwarded.add(len(parcel.departures))
        elif isinstance(error, TOO_LARGE):
            if len(parcel.departures) == 1:
                await self._office.bury([Refused(parcel.departures[0], str(cluster_error(self._cluster.name, error)))])
                return None
            self._max_batch_bytes = max(1, parcel.size_bytes // 2)
        return error

    async def _put_on_disk(self, departures: Sequence[Departure]) -> None:
        """A full spool keeps the caller waiting, and with it the Kafka partitions."""
        entries = [SpoolEntry(key, value, tuple(headers)) for key, value, headers in departures]
        while True:
            self._room.clear()
            try:
                await asyncio.to_thread(self._spool.append, entries)
            except StorageError as error:
                self._report(str(error))
                await self._until_room()
            else:
                self._metrics.spooled.add(len(entries))
                self._progress.set()
                return

    async def _until_room(self) -> None:
        try:
            async with asyncio.timeout(_DISK_RETRY_S):
                await self._room.wait()
        except TimeoutError:
            return

    async def _connect(self) -> Link:
        while True:
            if self._failures:
                await asyncio.sleep(PROBE.delay_s(self._failures, jitter=self._random.random()))
            try:
                link = await self._try_to_connect()
            except ClusterError as error:
                self._become(State.DOWN, str(error))
                self._failures += 1
            else:
                self._become(State.CATCHING_UP, self.trouble)
                return link

    async def _try_to_connect(self) -> Link:
        if not await is_there(self._cluster, self._topic):
            raise ClusterError(f"cluster {self._cluster.name!r} has no topic {self._topic!r} yet")
        compression = None if self.settings.compression == "none" else self.settings.compression
        return await connect(self._cluster, compression=compression, max_batch_bytes=self._max_batch_bytes)

    async def _catch_up(self, link: Link) -> None:
        """Raises what loses the link. Records taken meanwhile queue up behind the spool, so none overtakes another."""
        while True:
            self._progress.clear()
            entries = await asyncio.to_thread(self._spool.peek, self._together)
            if entries:
                await self._send_spooled(link, entries)
            elif self._unsettled:
                # Nothing new may start until what is under way has reached the spool. It may be more than the spool
                # holds, so the spool is emptied again after each bit of it.
                self._gate.clear()
                await self._progress.wait()
            else:
                return

    async def _send_spooled(self, link: Link, entries: Sequence[SpoolEntry]) -> None:
        began = self._clock.monotonic()
        try:
            await self._send_up(link, [Departure(one.key, one.value, list(one.headers)) for one in entries])
        except TimeoutError:
            # All of them will go up again: on a thin link fewer may arrive in time.
            self._together = max(1, len(entries) // 2)
            raise
        await asyncio.to_thread(self._spool.release, len(entries))
        self._room.set()
        if self._clock.monotonic() - began < self.settings.deadline_s / 4:
            self._together = min(2 * self._together, _CATCH_UP_RECORDS)

    async def _send_up(self, link: Link, departures: Sequence[Departure]) -> None:
        """Raises TimeoutError or ClusterError unless everything was delivered or given up."""
        carrier = link.carriers[0]
        carrier.turn += 1
        async with asyncio.timeout(self.settings.deadline_s):
            with translated(self._cluster.name):
                sent = await parcels.send(carrier.producer, self._topic, departures, turn=carrier.turn)
                await asyncio.wait([parcel.delivered for parcel in sent])
        for parcel in sent:
            if (error := await self._failure(parcel)) is not None:
                raise ClusterError(f"cluster {self._cluster.name!r}: spooled records were not taken: {error!r}")

    async def _stay_up(self, link: Link) -> None:
        self._link, self._failures = link, 0
        self._become(State.UP, "")
        self._gate.set()
        async with asyncio.TaskGroup() as tasks:
            carrying = [tasks.create_task(self._carry(link, carrier)) for carrier in link.carriers]
            await link.lost.wait()
            for one in carrying:
                one.cancel()

    def _lose(self, link: Link, reason: str) -> None:
        if not link.lost.is_set():
            link.lose()
            self._link = None
            logger.warning("uplink lost", extra={"cluster": self._cluster.name, "reason": reason})
            self._become(State.DOWN, reason)

    def _become(self, state: State, trouble: str) -> None:
        if state is not self.state:
            logger.info("uplink", extra={"cluster": self._cluster.name, "state": state.value})
        self.state = state
        if state in (State.UP, State.DOWN):
            self._tried.set()
        self._report(trouble)

    def _report(self, trouble: str) -> None:
        self.trouble = trouble
        self._changed()


def _refusal(parcel: Parcel) -> BaseException | None:
    """Why the cluster has not taken it."""
    future = parcel.delivered
    return future.exception() if future.done() and not future.cancelled() else KafkaTimeoutError()
