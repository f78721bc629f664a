"""What the agent under test is told to run, and the topics it runs on."""

import msgspec

from shared.documents import Batching, Cluster, Delivery, ExitPolicy, InferenceWorkload, Message, Upper
from simulations.bench import network
from simulations.bench.kafka import make_topics


class Route(Message, frozen=True, kw_only=True):
    """One input topic and where its results go. The upper tier's topic has no reader: what goes up only counts."""

    input: str
    answers: str
    upper: str
    dead_letters: str

    @classmethod
    def named(cls, name: str) -> "Route":
        return cls(input=f"{name}.in", answers=f"{name}.answers", upper=f"{name}.up", dead_letters=f"{name}.dead")


async def make_route(cluster: Cluster, name: str, *, partitions: int = 1) -> Route:
    route = Route.named(name)
    topics = {route.input: partitions, route.answers: 1, route.upper: 1, route.dead_letters: 1}
    await make_topics(cluster, topics)
    return route


def workload(
    cluster: Cluster,
    route: Route,
    *,
    group: str,
    threads: int = 1,
    max_records: int = Batching().max_records,
    delivery: Delivery = Delivery.AT_LEAST_ONCE,
) -> InferenceWorkload:
    """The edge of the measured network, its settings those that a deployment has by default."""
    return InferenceWorkload(
        id="bench.edge",
        deployment="bench",
        tier="edge",
        is_first_tier=True,
        versions=(network.loaded_version(1),),
        clusters=(cluster,),
        input_cluster=cluster.name,
        input_topic=route.input,
        output_cluster=cluster.name,
        answers_topic=route.answers,
        dead_letter_topic=route.dead_letters,
        group=group,
        exit=ExitPolicy(threshold=network.THRESHOLD),
        upper=Upper(tier="cloud", cluster=cluster.name, topic=route.upper),
        delivery=delivery,
        threads=threads,
        batching=Batching(max_records=max_records),
    )


def renamed(document: InferenceWorkload, group: str) -> InferenceWorkload:
    """The same for another consumer group, which starts at the first record."""
    return msgspec.structs.replace(document, group=group)
