"""The pipe alone: consume a batch, send a result for each record, await every delivery, commit. Nothing is computed.

    python -m simulations.bench.bare.pipe SETTINGS.json

It does what the agent does around inference, by the plainest loop there is, with the same clients, values, headers and
batches. Ends when everything is committed.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer

from agent.inference import parcels
from agent.inference.batch import Departure
from agent.inference.parcels import Parcel
from shared.documents import Cluster, Message, decode
from shared.kafka import ConsumerBounds, consumer, producer
from simulations.bench.bare.outcomes import Outcome, read_file
from simulations.bench.workloads import Route


class PipeSettings(Message, frozen=True, kw_only=True):
    """`outcomes` is the file that the program `outcomes` made."""

    cluster: Cluster
    route: Route
    group: str
    records: int
    max_records: int
    fetch_bytes: int
    outcomes: str


async def run(settings: PipeSettings) -> None:
    outcomes = read_file(Path(settings.outcomes))
    bounds = ConsumerBounds(fetch_max_bytes=2 * settings.fetch_bytes, max_partition_fetch_bytes=settings.fetch_bytes)
    source = consumer(settings.cluster, group=settings.group, bounds=bounds)
    source.subscribe([settings.route.input])
    sink = producer(settings.cluster)
    await sink.start()
    await source.start()
    done = 0
    while done < settings.records:
        for partition, taken in (await source.getmany(timeout_ms=1000, max_records=settings.max_records)).items():
            results = [outcomes[record.offset % len(outcomes)] for record in taken]
            sent = await _send(sink, settings.route, results)
            await asyncio.gather(*(parcel.delivered for parcel in sent))
            await source.commit({partition: taken[-1].offset + 1})
            done += len(taken)
    await source.stop()
    await sink.stop()


async def _send(sink: AIOKafkaProducer, route: Route, results: Sequence[Outcome]) -> list[Parcel]:
    """As Kafka batches: with a future a record this loop would be a third slower, and easier to beat."""
    sent: list[Parcel] = []
    for topic, answered in ((route.answers, True), (route.upper, False)):
        some = [Departure(None, one.value, list(one.headers)) for one in results if one.answered is answered]
        sent += await parcels.send(sink, topic, some, turn=0)
    return sent


if __name__ == "__main__":
    asyncio.run(run(decode(Path(sys.argv[1]).read_bytes(), PipeSettings)))
