"""What it costs to make tensors of a stream: reading it to the disk beside a bare consumer of the same records.

Both read three Kafka partitions of labelled images from beginning to end, by turns. The bare one only counts; ours
checks each record, decodes it, and has it on the disk, where the trainer finds it.
"""

import asyncio
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition

from agent.training.reading.stream import StreamReader
from shared.documents import Cluster
from shared.streams.decoding import stream_decoder
from shared.streams.encoding import RawEncoder
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from shared.streams.sending import StreamSender
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import RECORDS_PER_S, Samples
from simulations.bench.report import Better, Figure

TOPIC = "stream.reading"
PARTITIONS = 3
RECORDS = 60_000
SHAPE = (28, 28, 1)
INPUT = RawInput(data_type="uint8", label_type="uint8", data_shape=SHAPE, label_shape=(1,))
_BLOCK = 1000
_SEED = 5


class StreamReading:
    name = "stream-reading"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title="records/s from a stream to tensors on the disk / bare consume",
            must=0.5,
            aim=0.8,
            better=Better.HIGHER,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        ranges = asyncio.run(_send(bench.cluster))
        for number in range(bench.rounds):
            bench.say(f"stream to tensors, round {number + 1}")
            bare = RECORDS / asyncio.run(_consumed_s(bench.cluster, ranges))
            folder = bench.layout.directory / bench.unique("shelf")
            ours = RECORDS / asyncio.run(_shelved_s(bench.cluster, ranges, folder))
            shutil.rmtree(folder)
            samples.add(self.name, ours / bare, to_tensors=(ours, RECORDS_PER_S), bare=(bare, RECORDS_PER_S))
        return samples


async def _send(cluster: Cluster) -> tuple[Range, ...]:
    draw = np.random.default_rng(_SEED)
    encoder = RawEncoder()
    async with StreamSender(cluster=cluster, topic=TOPIC, encoder=encoder, partitions=PARTITIONS) as sender:
        for _ in range(RECORDS // _BLOCK):
            images = draw.integers(0, 256, (_BLOCK, *SHAPE), np.uint8)
            await sender.send(images, draw.integers(0, 10, (_BLOCK, 1), np.uint8))
    if sender.announcement is None:
        raise BenchError("the stream was not settled")
    return sender.announcement.ranges


async def _consumed_s(cluster: Cluster, ranges: Sequence[Range]) -> float:
    """Seconds from the first request to the last record."""
    client = AIOKafkaConsumer(bootstrap_servers=list(cluster.bootstrap_servers), enable_auto_commit=False)
    await client.start()
    try:
        client.assign([TopicPartition(one.topic, one.partition) for one in ranges])
        await client.seek_to_beginning()
        began_s, seen = time.monotonic(), 0
        while seen < RECORDS:
            found = await client.getmany(timeout_ms=500)
            seen += sum(map(len, found.values()))
        return time.monotonic() - began_s
    finally:
        await client.stop()


async def _shelved_s(cluster: Cluster, ranges: tuple[Range, ...], folder: Path) -> float:
    """The same to the last byte on the disk, looking up what the log holds included."""
    reader = StreamReader(cluster=cluster, ranges=ranges, decoder=stream_decoder(INPUT, is_labelled=True))
    began_s = time.monotonic()
    await reader.shelve(folder)
    return time.monotonic() - began_s
