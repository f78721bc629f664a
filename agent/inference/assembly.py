"""Making the parts of one inference workload, side by side where they do not need each other."""

import asyncio
from contextlib import AsyncExitStack
from random import Random

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from agent.inference.commits import Commits, pin
from agent.inference.courier import Courier
from agent.inference.dead_letter_office import DeadLetterOffice
from agent.inference.delivery import AtLeastOnce
from agent.inference.intake import Intake
from agent.inference.lane import Route
from agent.inference.memory import bounded_batching, fetch_bounds
from agent.inference.metrics import InferenceMetrics
from agent.inference.parts import Parts, rules
from agent.inference.pipeline import Pipeline
from agent.inference.place import Place
from agent.inference.reach import Reach
from agent.inference.rebalance import Duties, Ownership
from agent.inference.room import Room
from agent.inference.soundness import has_uplink, named_cluster
from agent.inference.spool import Spool
from agent.inference.sub_models import SubModels
from agent.inference.topics import Topics
from agent.inference.tracing import Tracing
from agent.inference.transactions import ExactlyOnce
from agent.inference.uplink import Uplink
from agent.inference.upper_topic import UpperTopic
from agent.inference.work import Delivery
from agent.inference.worker import InferenceWorker
from agent.workload import Surroundings
from shared.documents import Delivery as Promise
from shared.documents import InferenceWorkload
from shared.kafka import admin, cluster_id, consumer, ensure_topic, is_connected, stop_within, translated

STOP_TIMEOUT_S = 3.0
# A rebalance gives a member 30 s; what is not finished by then is left to the next owner.
FINISH_LIMIT_S = 20.0
# One full micro-batch is taken, one inferred, one sent and one awaited.
FULL_MICRO_BATCHES = 4
# With `exactly_once`, several partitions' transactions are awaited at once.
TRANSACTIONAL_MICRO_BATCHES = 8


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
        worker = InferenceWorker(self._surroundings.clock.monotonic)
        self._resources.callback(worker.close)
        self._resources.callback(self._sub_models.close)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sub_models.change(self._document))
            identity = tasks.create_task(self._prepare_topics())
            sending = tasks.create_task(self._open_courier())
            spooling = tasks.create_task(self._open_spool())
        return self._join_up(worker, sending.result(), spooling.result(), identity.result())

    def _join_up(self, worker: InferenceWorker, courier: Courier | None, spool: Spool | None, cluster: str) -> Parts:
        """Who is told of a rebalance is known last, so it is reached through `parts`."""
        members = self._consumer()
        ownership = Ownership(
            Duties(
                assigned=lambda partitions: parts.delivery.assigned(partitions),
                finish=lambda: parts.finish(),
                revoked=lambda: parts.delivery.revoked(),
                changed=self._surroundings.changed,
                finish_limit_s=FINISH_LIMIT_S,
            )
        )
        members.subscribe([self._document.input_topic], listener=ownership)
        intake = self._intake(members, ownership)
        uplink = None if spool is None or courier is None else self._uplink(spool, courier)
        delivery = self._delivery(members, ownership, courier, uplink)
        parts = Parts(
            cluster=self._input.name,
            consumer=members,
            reach=self._reach(members),
            ownership=ownership,
            intake=intake,
            uplink=uplink,
            delivery=delivery,
            pipeline=self._pipeline(intake, ownership, worker, delivery, cluster),
        )
        return parts

    def _consumer(self) -> AIOKafkaConsumer:
        document = self._document
        members = consumer(
            self._input,
            group=document.group,
            start_offset=document.start_offset,
            read_committed=document.delivery is Promise.EXACTLY_ONCE,
            client_id=f"fogline-{self._surroundings.node}",
            bounds=fetch_bounds(document),
        )
        self._resources.push_async_callback(stop_within, members, STOP_TIMEOUT_S)
        return members

    def _reach(self, members: AIOKafkaConsumer) -> Reach:
        return Reach(
            self._input.name,
            is_connected=lambda: is_connected(members),
            changed=self._surroundings.changed,
            clock=self._surroundings.clock,
        )

    def _intake(self, members: AIOKafkaConsumer, ownership: Ownership) -> Intake:
        return Intake(
            members,
            ownership,
            cluster=self._input.name,
            batching=bounded_batching(self._document),
            is_split=self._document.delivery is Promise.EXACTLY_ONCE,
            clock=self._surroundings.clock,
            random=self._random,
            changed=self._surroundings.changed,
        )

    def _delivery(
        self, members: AIOKafkaConsumer, ownership: Ownership, courier: Courier | None, uplink: Uplink | None
    ) -> Delivery:
        if courier is None:
            return ExactlyOnce(
                Route(
                    cluster=self._input,
                    group=self._document.group,
                    topics=self._topics(),
                    consumer=members,
                    admit=ownership.admit,
                    metrics=self._metrics,
                    clock=self._surroundings.clock,
                    random=self._random,
                )
            )
        return AtLeastOnce(
            topics=self._topics(),
            courier=courier,
            office=DeadLetterOffice(courier, self._document.dead_letter_topic),
            uplink=uplink,
            commits=Commits(members, cluster=self._input.name, is_ours=ownership.may_commit),
            admit=lambda partitions: self._admit(members, ownership, partitions),
            metrics=self._metrics,
            clock=self._surroundings.clock,
        )

    def _topics(self) -> Topics:
        document, upper = self._document, self._document.upper
        is_local = upper is not None and not has_uplink(document)
        return Topics(
            answers=document.answers_topic,
            dead_letters=document.dead_letter_topic,
            upper=UpperTopic(self._output, upper.topic, changed=self._surroundings.changed)
            if upper is not None and is_local
            else None,
        )

    async def _admit(
        self, members: AIOKafkaConsumer, ownership: Ownership, partitions: frozenset[TopicPartition]
    ) -> None:
        if self._document.start_offset == "latest":
            with translated(self._input.name):
                await pin(members, partitions)
        ownership.admit(*partitions)

    def _uplink(self, spool: Spool, courier: Courier) -> Uplink:
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
            office=DeadLetterOffice(courier, self._document.dead_letter_topic),
            changed=self._surroundings.changed,
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
            room=Room(FULL_MICRO_BATCHES if isinstance(delivery, AtLeastOnce) else TRANSACTIONAL_MICRO_BATCHES),
            metrics=self._metrics,
            clock=surroundings.clock,
            tracing=self._tracing(),
        )

    def _tracing(self) -> Tracing | None:
        document, surroundings = self._document, self._surroundings
        if surroundings.traces is None:
            return None
        about = {
            "fogline.deployment": document.deployment,
            "fogline.tier": document.tier,
            "fogline.node": surroundings.node,
        }
        name = f"{document.deployment} {document.tier}"
        return Tracing(surroundings.traces, name=name, about=about, clock=surroundings.clock)

    async def _prepare_topics(self) -> str:
        """Makes what is missing; the id of the input cluster."""
        document = self._document
        async with admin(self._input) as client:
            identity = await cluster_id(client)
            await ensure_topic(
                client,
                self._input,
                document.input_topic,
                partitions=document.partitions,
                # When a sensor measured is what it says itself; see `derive_time_us`.
                keeps_senders_time=document.is_first_tier,
            )
        async with admin(self._output) as client:
            for topic in (document.answers_topic, document.dead_letter_topic):
                await ensure_topic(client, self._output, topic)
        return identity

    async def _open_courier(self) -> Courier | None:
        """None with `exactly_once`, where each input partition has a producer of its own."""
        if self._document.delivery is Promise.EXACTLY_ONCE:
            return None
        courier = Courier(self._output, clock=self._surroundings.clock, random=self._random)
        self._resources.push_async_callback(courier.stop)
        await courier.start()
        return courier

    async def _open_spool(self) -> Spool | None:
        upper = self._document.upper
        if upper is None or not has_uplink(self._document):
            return None
        spool = await asyncio.to_thread(Spool.open, self._surroundings.spool_directory, upper.uplink.spool_bytes)
        self._resources.callback(spool.close)
        return spool


def _bytes(boot_id: str) -> bytes:
    """Eight bytes of a node's `<counter>-<random>`, both hexadecimal: the counter in front, padded."""
    try:
        return bytes.fromhex(boot_id.replace("-", "").zfill(16))
    except ValueError:
        return boot_id.encode()
