"""The way of a micro-batch: taken, inferred, sent, awaited, committed, in this order and never another.

Each step works on the next micro-batch while the following step works on the last one. Room is taken with the records
and given back with their commit, so what is in memory is bounded whatever waits in Kafka.
"""

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, replace

from agent.clock import Clock
from agent.inference.arrivals import read
from agent.inference.batch import Arrivals, Departures, InferenceResult, Taken
from agent.inference.departures import Moment, Rules, depart
from agent.inference.intake import Intake
from agent.inference.metrics import InferenceMetrics
from agent.inference.place import Place
from agent.inference.rebalance import Ownership
from agent.inference.room import Room
from agent.inference.sub_models import SubModels
from agent.inference.tracing import Tracing
from agent.inference.work import Delivery, Work
from agent.inference.worker import InferenceWorker
from shared.record.size import record_size

# So long a step may wait for room before it shows the group that it is alive: well below Kafka's five minutes.
_KEEP_ALIVE_S = 1.0
# The loop's turns from queueing a batch until aiokafka has written it: its sender wakes, drains, sends.
_TURNS_TO_SEND = 3


@dataclass(frozen=True, slots=True)
class _Inferring:
    taken: Taken
    arrivals: Arrivals
    future: "Future[InferenceResult]"


class Pipeline:
    def __init__(
        self,
        *,
        intake: Intake,
        ownership: Ownership,
        sub_models: SubModels,
        worker: InferenceWorker,
        delivery: Delivery,
        rules: Rules,
        place: Place,
        room: Room,
        metrics: InferenceMetrics,
        clock: Clock,
        tracing: Tracing | None = None,
    ) -> None:
        self.rules = rules
        self._intake = intake
        self._ownership = ownership
        self._sub_models = sub_models
        self._worker = worker
        self._delivery = delivery
        self._place = place
        self._metrics = metrics
        self._clock = clock
        self._tracing = tracing
        self._room = room
        self._inferring: asyncio.Queue[_Inferring] = asyncio.Queue()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._taking: asyncio.Task[None] | None = None
        self._is_waiting = False
        self._is_draining = False

    async def run(self) -> None:
        """Until cancelled, or until `drain` has finished everything."""
        async with asyncio.TaskGroup() as tasks:
            self._taking = tasks.create_task(self._take_all())  # 1. take what has arrived
            inferring = tasks.create_task(self._infer_all())  # 2. infer it
            delivering = tasks.create_task(self._delivery.run())  # 3. send everything, 4. await it, 5. commit
            await asyncio.wait([self._taking])
            await self.finish()
            await self._delivery.drain()
            inferring.cancel()
            delivering.cancel()

    def drain(self) -> None:
        """Take nothing more; `run` returns once what was taken is committed, which nothing may interrupt."""
        self._is_draining = True
        if self._taking is not None and self._is_waiting:
            self._taking.cancel()

    async def finish(self) -> None:
        """Until what was taken is delivered and committed; what was not begun and is not ours any more is dropped."""
        await self._idle.wait()
        await self._delivery.flush()

    def finished(self, work: Work) -> None:
        """Counting comes last: a record does not wait for it."""
        self._count(work)
        self._leave(work.taken)

    def sent(self) -> None:
        """The next one may be inferred and sent at once."""
        self._room.sent()

    def depart(self, work: Work, *, degrades: bool) -> Departures:
        rules = replace(self.rules, degrades=True) if degrades else self.rules
        return depart(work.taken.records, work.arrivals, work.result, rules, self._moment(work))

    async def _take_all(self) -> None:
        while not self._is_draining:
            await self._begin(await self._next())

    async def _next(self) -> Taken:
        """The records of one micro-batch, once there is room for them. Only here a drain cancels."""
        self._is_waiting = True
        try:
            await self._until_room()
            return await self._intake.take()
        finally:
            self._is_waiting = False

    async def _begin(self, taken: Taken) -> None:
        self._under_way += 1
        self._room.take(len(taken.records))
        self._idle.clear()
        self._metrics.records_in.add(len(taken.records))
        arrivals = self._read(taken)
        if self._room.unsent > 1 or not self._worker.is_quick(len(taken.records)):
            self._inferring.put_nowait(_Inferring(taken, arrivals, self._worker.submit(arrivals.shares)))
            return
        # Nobody waits: without a change of task or thread a single record is answered sooner.
        self._intake.hold()
        result = self._worker.infer(arrivals.shares)
        await self._delivery.begin(await self._work(taken, arrivals, result))
        for _ in range(_TURNS_TO_SEND):
            await asyncio.sleep(0)

    async def _infer_all(self) -> None:
        while True:
            one = await self._inferring.get()
            if not self._ownership.may_begin(one.taken.epoch) and one.future.cancel():
                self._release(one.arrivals)
                self._room.sent()
                self._leave(one.taken)
                continue
            result = await asyncio.wrap_future(one.future)
            self._delivery.put(await self._work(one.taken, one.arrivals, result))

    async def _work(self, taken: Taken, arrivals: Arrivals, result: InferenceResult) -> Work:
        """A new version that failed its first records gives way, and its predecessor infers them."""
        while self._judge(arrivals, result):
            self._release(arrivals)
            arrivals = self._read(taken)
            result = await asyncio.wrap_future(self._worker.submit(arrivals.shares))
        self._release(arrivals)
        return Work(
            taken=taken,
            arrivals=arrivals,
            result=result,
            inferred_at=result.began_at + result.seconds,
            pipeline=self,
            journeys=None if self._tracing is None else self._tracing.begin(taken, arrivals, result),
        )

    def _judge(self, arrivals: Arrivals, result: InferenceResult) -> bool:
        """Whether another version serves now."""
        fell_back = False
        for share in arrivals.shares:
            if share.rows and all(row in result.failures for row in share.rows):
                reason = str(result.failures[share.rows[0]])
                fell_back = self._sub_models.failed(share.sub_model.id, reason) or fell_back
            elif share.rows:
                self._sub_models.passed(share.sub_model.id)
        return fell_back

    def _read(self, taken: Taken) -> Arrivals:
        arrivals = read(
            taken.records,
            cluster_id=self._place.cluster_id,
            sub_models=self._sub_models.loaded,
            serving=self._sub_models.serving if self._place.is_first_tier else None,
        )
        for share in arrivals.shares:
            share.sub_model.acquire()
        return arrivals

    def _release(self, arrivals: Arrivals) -> None:
        for share in arrivals.shares:
            share.sub_model.release()
        arrivals.shares = []

    async def _until_room(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_KEEP_ALIVE_S):
                    await self._room.for_another(self._intake.batching.max_records)
            except TimeoutError:
                await self._intake.keep_alive()
            else:
                return

    def _leave(self, taken: Taken) -> None:
        self._under_way -= 1
        self._room.give_back(len(taken.records))
        if self._under_way == 0:
            self._idle.set()

    def _count(self, work: Work) -> None:
        taken, result = work.taken, work.result
        sizes = (record_size(record.key, record.value, record.headers) for record in taken.records)
        self._metrics.raw_bytes.add(sum(sizes))
        self._metrics.batches.add()
        self._metrics.queue_seconds.observe(result.began_at - taken.taken_at)
        self._metrics.inference_seconds.observe(result.seconds)

    def _moment(self, work: Work) -> Moment:
        return Moment(
            node=self._place.node,
            boot_id=self._place.boot_id,
            received_us=int(work.taken.taken_at * 1e6),
            inferred_us=int(work.inferred_at * 1e6),
            sent_us=int(self._clock.monotonic() * 1e6),
            now_us=int(self._clock.now().timestamp() * 1e6),
        )
