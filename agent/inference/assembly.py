"""The parts of one running inference workload, started side by side where they do not need each other."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random

from aiokafka import AIOKafkaConsumer

from agent.inference.batch import Departure
from agent.inference.commits import Commits
from agent.inference.courier import Courier
from agent.inference.delivery import AtLeastOnce, Topics
from agent.inference.departures import Rules
from agent.inference.intake import Intake
from agent.inference.metrics import InferenceMetrics
from agent.inference.pipeline import Delivery, Pipeline, Place
from agent.inference.rebalance import Duties, Ownership
from agent.inference.soundness import has_uplink, named_cluster
from agent.inference.spool import Spool
from agent.inference.sub_models import SubModels
from agent.inference.uplink import Uplink
from agent.inference.worker import InferenceWorker
from agent.workload import Surroundings
from shared.documents import Delivery as Promise
from shared.documents import InferenceWorkload
from shared.kafka import ConsumerBounds, admin, cluster_id, consumer, ensure_topic, stop_within

STOP_TIMEOUT_S = 3.0
# A rebalance gives a member 30 s; what is not finished by then is left to the next owner.
FINISH_LIMIT_S = 20.0
# One micro-batch is taken, one inferred, one sent and one awaited.
SLOTS = 4
_LEAST_FETCH, _MOST_FETCH = 65_536, 1_048_576


@dataclass(slots=True, kw_only=True)
class Parts:
    consumer: AIOKafkaConsumer
    ownership: Ownership
    intake: Intake
    courier: Courier
    uplink: Uplink | None
    pipeline: Pipeline

    async def run(self, draining: asyncio.Event) -> None:
        """Until drained: the group is joined while the pipeline already waits for its partitions."""
        async with asyncio.TaskGroup() as tasks:
            joining = tasks.create_task(self.consumer.start())
            watching = tasks.create_task(self._drain_when(draining))
            try:
                await self.pipeline.run()
            finally:
                self.ownership.close()
                joining.cancel()
                watching.cancel()

    def apply(self, document: InferenceWorkload) -> None:
        """Between two micro-batches, as nothing here waits."""
        self.pipeline.rules = rules(document)
        self.intake.batching = document.batching
        if self.uplink is not None and document.upper is not None:
            self.uplink.settings = document.upper.uplink

    def lag(self) -> int:
        return self.intake.lag()

    def troubles(self, patience_s: float) -> list[str]:
        troubles = [self.intake.trouble, self.courier.trouble(patience_s)]
        if self.uplink is not None and self.uplink.trouble:
            troubles.append(f"uplink {self.uplink.state.value}: {self.uplink.trouble}")
        if self.ownership.is_joined and not self.ownership.ready:
            troubles.append("no Kafka partition is left for this replica")
        return troubles

    async def _drain_when(self, draining: asyncio.Event) -> None:
        await draining.wait()
        self.pipeline.drain()


def rules(document: InferenceWorkload) -> Rules:
    return Rules(policy=document.exit, features=None if document.upper is None else document.upper.features)


class Assembly:
    """Puts the parts of one life together; what must be closed afterwards is given to `resources`."""

    def __init__(
        self,
        document: InferenceWorkload,
        surroundings: Surroundings,
        sub_models: SubModels,
        metrics: InferenceMetrics,
        random: Random,
        resources: AsyncExitStack,
    ) -> None:
        self._document = document
        self._surroundings = surroundings
        self._sub_models = sub_models
        self._metrics = metrics
        self._random = random
        self._resources = resources
        self._input = named_cluster(document, document.input_cluster, "input_cluster")
        self._output = named_cluster(document, document.output_cluster, "output_cluster")

    async def parts(self) -> Parts:
        """Everything but the consumer is started. Raises what starting raises; `resources` close what was begun."""
        resources, clock = self._resources, self._surroundings.clock
        worker = InferenceWorker(clock.monotonic)
        resources.callback(worker.close)
        resources.callback(self._sub_models.close)
        courier = Courier(self._output, clock=clock, random=self._random)
        resources.push_async_callback(courier.stop)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sub_models.change(self._document))
            identity = tasks.create_task(self._prepare_topics())
            tasks.create_task(courier.start())
            spooling = tasks.create_task(self._open_spool())
        return self._join_up(worker, courier, spooling.result(), identity.result())

    def _join_up(self, worker: InferenceWorker, courier: Courier, spool: Spool | None, cluster: str) -> Parts:
        """Ownership, intake, delivery and pipeline need each other: the later ones are reached through `parts`."""
        document, surroundings = self._document, self._surroundings
        members = consumer(
            self._input,
            group=document.group,
            start_offset=document.start_offset,
            read_committed=document.delivery is Promise.EXACTLY_ONCE,
            client_id=f"fogline-{surroundings.node}",
            bounds=_bounds(document),
        )
        self._resources.push_async_callback(stop_within, members, STOP_TIMEOUT_S)
        ownership = Ownership(
            Duties(
                assigned=lambda partitions: ownership.admit(*partitions),
                finish=lambda: parts.pipeline.finish(),
                revoked=_nothing,
                changed=surroundings.changed,
                finish_limit_s=FINISH_LIMIT_S,
            )
        )
        members.subscribe([document.input_topic], listener=ownership)
        intake = self._intake(members, ownership)
        uplink = None if spool is None else self._uplink(spool, lambda *given: delivery.give_up(*given))
        delivery = self._delivery(members, ownership, courier, uplink)
        pipeline = self._pipeline(intake, ownership, worker, delivery, cluster)
        parts = Parts(
            consumer=members, ownership=ownership, intake=intake, courier=courier, uplink=uplink, pipeline=pipeline
        )
        return parts

    def _intake(self, members: AIOKafkaConsumer, ownership: Ownership) -> Intake:
        return Intake(
            members,
            ownership,
            cluster=self._input.name,
            batching=self._document.batching,
            is_split=self._document.delivery is Promise.EXACTLY_ONCE,
            clock=self._surroundings.clock,
            random=self._random,
            changed=self._surroundings.changed,
        )

    def _uplink(self, spool: Spool, give_up: Callable[[Departure, str], Awaitable[None]]) -> Uplink:
        upper = self._document.upper
        assert upper is not None  # noqa: S101 - a spool is opened for an uplink only
        return Uplink(
            cluster=named_cluster(self._document, upper.cluster, "upper.cluster"),
            topic=upper.topic,
            settings=upper.uplink,
            spool=spool,
            metrics=self._metrics,
            clock=self._surroundings.clock,
            random=self._random,
            give_up=give_up,
            changed=self._surroundings.changed,
        )

    def _delivery(
        self, members: AIOKafkaConsumer, ownership: Ownership, courier: Courier, uplink: Uplink | None
    ) -> AtLeastOnce:
        document = self._document
        same_cluster = document.upper is not None and uplink is None
        return AtLeastOnce(
            topics=Topics(
                answers=document.answers_topic,
                dead_letters=document.dead_letter_topic,
                upper=document.upper.topic if document.upper is not None and same_cluster else None,
            ),
            courier=courier,
            uplink=uplink,
            commits=Commits(members, cluster=self._input.name, is_ours=ownership.may_commit),
            metrics=self._metrics,
            clock=self._surroundings.clock,
        )

    def _pipeline(
        self, intake: Intake, ownership: Ownership, worker: InferenceWorker, delivery: Delivery, cluster: str
    ) -> Pipeline:
        document, surroundings = self._document, self._surroundings
        return Pipeline(
            intake=intake,
            ownership=ownership,
            sub_models=self._sub_models,
            worker=worker,
            delivery=delivery,
            rules=rules(document),
            place=Place(
                node=surroundings.node,
                boot_id=_bytes(surroundings.boot_id),
                cluster_id=cluster,
                is_first_tier=document.is_first_tier,
            ),
            slots=SLOTS,
            metrics=self._metrics,
            clock=surroundings.clock,
        )

    async def _prepare_topics(self) -> str:
        """Makes what is missing; the id of the input cluster."""
        document = self._document
        async with admin(self._input) as client:
            identity = await cluster_id(client)
            await ensure_topic(client, self._input, document.input_topic, partitions=document.partitions)
        async with admin(self._output) as client:
            for topic in (document.answers_topic, document.dead_letter_topic):
                await ensure_topic(client, self._output, topic)
        return identity

    async def _open_spool(self) -> Spool | None:
        upper = self._document.upper
        if upper is None or not has_uplink(self._document):
            return None
        spool = await asyncio.to_thread(Spool.open, self._surroundings.spool_directory, upper.uplink.spool_bytes)
        self._resources.callback(spool.close)
        return spool


def _bounds(document: InferenceWorkload) -> ConsumerBounds:
    """Enough for one micro-batch a fetch: what lies in memory beyond that waits there in vain."""
    wanted = document.batching.max_records * (document.versions[0].sub_model.input.size_bytes + 256)
    partition = min(max(wanted, _LEAST_FETCH), _MOST_FETCH)
    return ConsumerBounds(fetch_max_bytes=2 * partition, max_partition_fetch_bytes=partition)


def _bytes(boot_id: str) -> bytes:
    try:
        return bytes.fromhex(boot_id.replace("-", ""))
    except ValueError:
        return boot_id.encode()


async def _nothing() -> None:
    return
