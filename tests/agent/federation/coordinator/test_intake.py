"""What participants send, read from a real broker: whoever waits for the next round is read on in its order."""

from pathlib import Path

from aiokafka import ConsumerRecord

from agent.federation.coordinator.intake import Intake
from agent.federation.coordinator.topics import Topics
from agent.federation.wire.chunks import MANIFEST_KEY
from shared.kafka import consumer
from simulations.kafka.cluster import KafkaCluster
from tests.agent.federation.coordinator.federations import cluster_of, federation, signer, sites


async def test_what_was_taken_behind_an_update_that_waited_comes_again_behind_it(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    """The round ends while records are dealt with that were taken together."""
    cluster, topics = cluster_of(broker), Topics(federation=unique, edition=1)
    async with sites(cluster, topics) as some, consumer(cluster, group=None, read_committed=True) as client:
        await some.send("north", 1, 0)
        await some.send("north", 2, 0)
        intake = Intake(
            client=client, topics=topics, federation=federation(unique), folder=tmp_path, most_bytes=1_000_000
        )
        intake.attend({"north": signer("north").public}, decided=lambda _: -1)
        taken = await all_of(intake, manifests=2)
        first = next(one for one in map(intake.offered, taken) if one is not None)
        assert first.offer.number == 1
        intake.hold(first)
        intake.release()
        behind = [intake.offered(record) for record in taken if record.offset > first.record.offset]
        assert {*behind} == {None}
        again = [intake.offered(record) for record in await all_of(intake, manifests=2)]
        assert [one.offer.number for one in again if one is not None] == [1, 2]


async def all_of(intake: Intake, *, manifests: int) -> list[ConsumerRecord[bytes, bytes]]:
    taken: list[ConsumerRecord[bytes, bytes]] = []
    while sum(record.key == MANIFEST_KEY for record in taken) < manifests:
        taken += await intake.take(1.0)
    return taken
