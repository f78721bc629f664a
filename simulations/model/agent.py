"""One agent: takes micro-batches, infers them on its thread, sends and settles them on its event loop, in order."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from shared.documents.deployment import Batching
from simulations.model.clock import Clock
from simulations.model.costs import Costs
from simulations.model.nanoseconds import NEVER, nanoseconds
from simulations.model.noise import Noise
from simulations.model.outages import Outages
from simulations.model.producer import Parcel, Producer
from simulations.model.service import TierService
from simulations.model.topic import Partition, Span
from simulations.model.uplink import Features, Uplink

# One is taken, one inferred and one sent.
MOST_UNSENT = 3


@dataclass(slots=True, kw_only=True)
class Batch:
    """One micro-batch and its moments. `appended`: its answers; `up_acked`, `up_appended`: its forwarded records; each
    where there are any. `awaited`: of these two, how many are not yet known."""

    agent: int
    spans: tuple[Span, ...]
    records: int
    forwards: int
    received: int
    inferred: int = 0
    sent: int = 0
    settled: int = NEVER
    awaited: int = 0
    known: int = 0
    appended: int = NEVER
    up_appended: int = NEVER
    up_acked: int = NEVER
    up_turn: int = 0
    spooled: bool = False
    degraded: bool = False
    dropped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """`slowness`: how many times as long its computing takes, by a CPU quota below one core. Times in nanoseconds."""

    batching: Batching
    service: TierService
    full_batches: int
    deadline_ns: int
    degrades: bool
    up_record_bytes: int = 0
    is_never_killed: bool = False
    slowness: float = 1.0


class Agent:
    """`batches` lists what it has done; a batch is known there from the moment it was taken."""

    def __init__(
        self,
        number: int,
        settings: AgentSettings,
        clock: Clock,
        *,
        answers: Producer,
        uplink: Uplink | None,
        away: Outages,
        noise: Noise,
        fetch_noise: Noise,
    ) -> None:
        self.batches: list[Batch] = []
        self._number = number
        self._settings = settings
        self._costs = Costs(settings.service, settings.slowness, noise)
        self._fetch_ns = settings.service.fetch_s * 1e9
        self._fetch_noise = fetch_noise
        self._clock = clock
        self._partitions: Sequence[Partition] = ()
        self._answers = answers
        self._uplink = uplink
        self._away = away
        self._thread_free = 0
        self._loop_free = 0
        self._settled = 0
        self._under_way: deque[Batch] = deque()
        self._records = 0
        self._unsent = 0
        self._head_ns = NEVER
        self._to_send: deque[Batch] = deque()
        self._is_blocked = False
        self._life = 0

    def assign(self, partitions: Sequence[Partition], now: int) -> None:
        """These are its own from now on; what it has taken of others it finishes."""
        self._partitions = partitions
        self._life += 1
        self._is_blocked = False
        self._await_records(now)

    def kill(self, now: int) -> None:
        """What it has taken and not sent is given back; it has no partitions until it is assigned some."""
        for batch in self._under_way:
            if not batch.sent or batch.sent > now:
                batch.dropped = True
                for span in batch.spans:
                    span.partition.give_back(span)
        self.batches = [batch for batch in self.batches if not batch.dropped]
        self._under_way.clear()
        self._records = self._unsent = 0
        self._to_send.clear()
        self._thread_free = self._loop_free = now
        self.assign((), now)

    def _await_records(self, now: int) -> None:
        """Take as soon as the loop is free and records are there, brought by a request that takes its time."""
        head = self._head_ns = min([partition.head_ns() for partition in self._partitions], default=NEVER)
        if head < NEVER:
            if head > now:
                head += round(self._fetch_ns * (self._fetch_noise.factor() - 1))
            self._then(self._away.over(max(head, now, self._loop_free)), self._take)

    def _then(self, moment: int, step: Callable[[int], None]) -> None:
        """The next step of taking, unless it is assigned other partitions before."""
        if moment >= NEVER:
            return
        life = self._life

        def still(now: int) -> None:
            if life == self._life:
                step(now)

        self._clock.at(moment, still)

    def _take(self, now: int) -> None:
        self._loop_free = max(now, self._loop_free)
        if not self._has_room(now):
            return
        if self._settings.batching.max_wait_ms:
            self._then(self._full_at(now), self._gather)
        else:
            self._gather(now)

    def _has_room(self, now: int) -> bool:
        """For as many records as a few full micro-batches hold, in however many small ones, few of them not sent."""
        if self._unsent >= MOST_UNSENT:
            self._is_blocked = True
            return False
        under_way = self._under_way
        while under_way and under_way[0].settled <= now:
            self._records -= under_way.popleft().records
        if self._records <= (self._settings.full_batches - 1) * self._settings.batching.max_records:
            return True
        if under_way[0].settled < NEVER:
            self._then(under_way[0].settled, self._take)
        else:
            self._is_blocked = True
        return False

    def _full_at(self, now: int) -> int:
        """When a micro-batch is as large as it may be, or has waited as long."""
        until = now + nanoseconds(self._settings.batching.max_wait_ms / 1e3)
        most = self._settings.batching.max_records
        soonest = min(partition.nth_ns(most) for partition in self._partitions)
        return max(now, min(until, soonest))

    def _gather(self, now: int) -> None:
        most = self._settings.batching.max_records
        until = now if self._head_ns <= now else min(self._head_ns, now + round(self._fetch_ns))
        spans: list[Span] = []
        for partition in self._partitions:
            span = partition.take(until, most)
            if span.end > span.begin:
                spans.append(span)
                most -= span.end - span.begin
        if not spans:
            self._await_records(now)
            return
        self._infer(now, tuple(spans), self._settings.batching.max_records - most)

    def _infer(self, now: int, spans: tuple[Span, ...], records: int) -> None:
        forwards = 0 if self._uplink is None else sum([span.partition.forwards(span) for span in spans])
        batch = Batch(agent=self._number, spans=spans, records=records, forwards=forwards, received=now)
        self._loop_free = self._away.done(now, self._costs.take(records))
        begin = max(self._loop_free, self._thread_free)
        self._thread_free = batch.inferred = self._away.done(begin, self._costs.infer(records))
        self.batches.append(batch)
        self._under_way.append(batch)
        self._records += records
        self._unsent += 1
        self._clock.at(batch.inferred, lambda moment: self._inferred(moment, batch))
        self._await_records(now)

    def _inferred(self, now: int, batch: Batch) -> None:
        if batch.dropped:
            return
        self._to_send.append(batch)
        if len(self._to_send) == 1:
            self._send(now)

    def _send(self, now: int) -> None:
        batch = self._to_send[0]
        self._loop_free = batch.sent = self._away.done(max(now, self._loop_free), self._costs.send(batch.records))
        if self._settings.is_never_killed:
            # An event less: what the others do in so short a time changes nothing for it.
            self._send_answers(batch.sent, batch)
        else:
            self._clock.at(batch.sent, lambda moment: None if batch.dropped else self._send_answers(moment, batch))

    def _send_answers(self, now: int, batch: Batch) -> None:
        here = batch.records - batch.forwards
        batch.awaited = (here > 0) + (batch.forwards > 0)
        if not here:
            self._forward(now, batch)
            return
        forward, appended = partial(self._forward, batch=batch), partial(self._appended, batch)
        self._answers.put(now, Parcel(records=here, queued=forward, appended=appended))

    def _forward(self, now: int, batch: Batch) -> None:
        """With the upper tier away, features wait in the spool, which is as good as delivered, or are answered here."""
        if self._uplink is not None and batch.forwards:
            given_up_at = self._uplink.given_up_at(now)
            if given_up_at is not None:
                batch.degraded, batch.spooled = self._settings.degrades, not self._settings.degrades
                self._known(batch, given_up_at)
            if not batch.degraded:
                size = batch.forwards * self._settings.up_record_bytes
                arrived = partial(self._arrived, batch)
                self._uplink.put(now, Features(records=batch.forwards, bytes=size, arrived=arrived))
        self._sent(now, batch)

    def _sent(self, now: int, batch: Batch) -> None:
        """All of it is queued; committing what is settled costs the loop about as much each time."""
        if batch.dropped or not self._to_send or self._to_send[0] is not batch:
            return
        self._to_send.popleft()
        self._unsent -= 1
        self._unblock(now)
        self._loop_free = max(now, self._loop_free) + self._costs.commit()
        if self._to_send:
            self._clock.at(now, self._send)

    def _appended(self, batch: Batch, appended: int) -> None:
        batch.appended = appended
        self._known(batch, appended)

    def _arrived(self, batch: Batch, appended: int, acked: int, turn: int) -> None:
        batch.up_appended, batch.up_acked, batch.up_turn = appended, acked, turn
        if not batch.spooled:
            deadline = batch.sent + self._settings.deadline_ns
            batch.degraded = self._settings.degrades and acked > deadline
            self._known(batch, min(acked, deadline))

    def _known(self, batch: Batch, acked: int) -> None:
        """Batches settle in order: their room is free when all earlier ones are too."""
        batch.awaited -= 1
        batch.known = max(batch.known, acked)
        if batch.awaited or batch.known >= NEVER:
            return
        self._settled = batch.settled = max(self._settled, batch.known)
        self._unblock(batch.settled)

    def _unblock(self, moment: int) -> None:
        if self._is_blocked:
            self._is_blocked = False
            self._then(moment, self._take)
