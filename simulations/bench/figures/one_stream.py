"""What sending a stream once is worth: three networks of one configuration on it, beside three streams of one each.

Both by a real agent, which trains one run after another: sent, read, trained for an epoch, judged, exported and
registered. The stream comes from a site that reaches Kafka over 4G, where sending it matters; beside that the same from
this machine, where it does not. How much sharing is worth is (send + 3 train) / (3 send + 3 train), or less where a run
trains while the next stream is under way. One round, some minutes.
"""

import asyncio
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from shared.client import Client
from shared.documents import (
    Cluster,
    Configuration,
    NetworkSource,
    RunState,
    RunView,
    SourceFile,
    TrainingParameters,
    TrainingRequest,
)
from shared.streams.encoding import RawEncoder
from shared.streams.purpose import Purpose
from shared.streams.sending import StreamSender
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import Samples
from simulations.bench.node import Node
from simulations.bench.report import Better, Figure

# As many and as large as Fashion-MNIST's.
RECORDS, SHAPE, CLASSES = 60_000, (784,), 10
NETWORKS = 3
RUN_DEADLINE_S = 600.0
LABELS = {"bench": "one-stream"}
CONTROL_TOPIC = "one.stream.control"
NETWORK = """\"\"\"As small as a network can be: what is measured is the stream.\"\"\"

import keras
from keras import layers


def network() -> keras.Model:
    pixels = keras.Input((784,))
    x = layers.Dense(16, activation="relu")(layers.Rescaling(1 / 255)(pixels))
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="exit")(x))
"""
_BLOCK = 4000
_SEED = 8
_LOOK_EVERY_S = 0.25


class OneStream:
    name = "one-stream"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title="a stream over 4G: one for three networks in a configuration / three separate streams",
            must=0.6,
            aim=0.4,
            better=Better.LOWER,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        node = Node(bench, "one-stream", labels=LABELS)
        with bench.client() as client, node.running():
            client.clusters.put(bench.cluster)
            names = [f"one-stream-{number}" for number in range(NETWORKS)]
            _register(bench, client, names)
            far, near = (_both(bench, client, sent_to, names) for sent_to in (bench.cluster_over_4g, bench.cluster))
        samples.add(
            self.name,
            far.together / far.apart,
            one_stream=(far.together, "s"),
            three_streams=(far.apart, "s"),
            one_stream_without_the_link=(near.together, "s"),
            three_streams_without_the_link=(near.apart, "s"),
        )
        return samples


class _Lasted(NamedTuple):
    """Seconds."""

    together: float
    apart: float


def _both(bench: Bench, client: Client, sent_to: Cluster, names: Sequence[str]) -> _Lasted:
    bench.say("one stream, three networks")
    together = _lasted(bench, client, sent_to, [names])
    bench.say("three streams, a network each")
    return _Lasted(together, _lasted(bench, client, sent_to, [[name] for name in names]))


def _register(bench: Bench, client: Client, names: Sequence[str]) -> None:
    file = bench.layout.directory / "one_stream_network.py"
    file.write_text(NETWORK)
    content = file.read_bytes()
    client.artifacts.upload(file)
    source = SourceFile(sha256=sha256(content).hexdigest(), size_bytes=len(content))
    for name in names:
        client.networks.put(NetworkSource(name=name, files=(source,)))


def _lasted(bench: Bench, client: Client, sent_to: Cluster, configurations: Sequence[Sequence[str]]) -> float:
    """Seconds from the first record sent to the last version registered, each configuration with a stream of its own,
    one sent after the other: they share the way."""
    requests = [_request(bench, client, names) for names in configurations]
    began_s = time.monotonic()
    for request in requests:
        asyncio.run(_send(sent_to, bench.unique("stream"), request))
    for request, names in zip(requests, configurations, strict=True):
        _await_runs(client, request.name, len(names))
    return time.monotonic() - began_s


def _request(bench: Bench, client: Client, networks: Sequence[str]) -> TrainingRequest:
    name = bench.unique("one-stream")
    client.configurations.put(Configuration(name=name, networks=tuple(networks)))
    return client.requests.put(
        TrainingRequest(
            name=name,
            configuration=name,
            cluster=bench.cluster.name,
            control_topic=CONTROL_TOPIC,
            parameters=TrainingParameters(epochs=1, batch=1024),
            selector=LABELS,
        )
    )


async def _send(cluster: Cluster, topic: str, request: TrainingRequest) -> None:
    draw = np.random.default_rng(_SEED)
    purpose = Purpose(request=request.number, control_topic=request.control_topic, validation_rate=0.01, test_rate=0.01)
    async with StreamSender(cluster=cluster, topic=topic, encoder=RawEncoder(), purpose=purpose) as sender:
        for _ in range(RECORDS // _BLOCK):
            labels = draw.integers(0, CLASSES, _BLOCK, np.uint8)
            await sender.send(draw.integers(0, 256, (_BLOCK, *SHAPE), np.uint8), labels)


def _await_runs(client: Client, request: str, count: int) -> None:
    deadline_s = time.monotonic() + RUN_DEADLINE_S
    while not _have_finished(found := client.runs.list(request=request), count):
        failed = [f"run {one.id}: {one.reason}" for one in found if one.state.is_final]
        if any(one.state is RunState.FAILED for one in found) or time.monotonic() > deadline_s:
            raise BenchError(f"{count} runs were to finish: {'; '.join(failed) or 'they did not in time'}")
        time.sleep(_LOOK_EVERY_S)


def _have_finished(runs: Sequence[RunView], count: int) -> bool:
    return len(runs) == count and all(one.state is RunState.FINISHED for one in runs)
