"""The log of decisions in its topic: written in transactions that a later coordinator shuts out, read back in order."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from agent.federation.coordinator.decisions import AnyDecision, from_bytes, to_bytes
from agent.federation.coordinator.standing import LogError
from agent.federation.wire.reading import end_of, only_partition, records
from shared.documents import Cluster
from shared.errors import DocumentError
from shared.kafka import connect, consumer, stop_within, translated

_STOP_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    offset: int
    decision: AnyDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    cluster: Cluster
    topic: str

    async def append(self, producer: AIOKafkaProducer, decision: AnyDecision) -> int:
        """The offset it has, once it is acknowledged.

        Raises ClusterError, after which it may be there or not, and FencedError, after which it is not: only a reading
        by whoever has shut this producer out can tell.
        """
        with translated(self.cluster.name):
            await producer.begin_transaction()
            acknowledged = await producer.send_and_wait(self.topic, value=to_bytes(decision), partition=0)
            await producer.commit_transaction()
        return int(acknowledged.offset)

    async def read(self, start: int) -> AsyncGenerator[Entry]:
        """What is committed, from this offset on. To be closed by its reader, for it has a connection of its own.

        Raises ClusterError, LogError for what is no decision, or is not there any more.
        """
        client = consumer(self.cluster, group=None, read_committed=True)
        partition = only_partition(self.topic)
        with translated(self.cluster.name):
            try:
                await connect(client)
                first = int((await client.beginning_offsets([partition]))[partition])
                if first > start:
                    raise LogError(f"the log begins at {first}, and the last snapshot stands at {start}")
                end = await end_of(client, partition)
                async for record in records(client, partition, start=start, end=end):
                    yield Entry(offset=record.offset, decision=_decision(record.offset, record.value))
            finally:
                await stop_within(client, _STOP_TIMEOUT_S)


def _decision(offset: int, raw: bytes | None) -> AnyDecision:
    try:
        return from_bytes(raw or b"")
    except DocumentError as error:
        raise LogError(f"the log is damaged: what lies at {offset} is no decision: {error}") from error
