"""What a stream, a process of its own and its checkpoints add to training: a run from Kafka beside a fit on arrays.

The stream is read onto a shelf and trained from, then Keras' own `fit` has the same records as arrays. One round: it is
a quarter of an hour, as long as all other figures.
"""

import asyncio
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from aiokafka import AIOKafkaProducer

from agent.training.reading.stream import StreamReader
from agent.training.task import TrainingTask
from shared.documents import Cluster, Rates, TrainingParameters, encode
from shared.streams.decoding import stream_decoder
from shared.streams.inputs import RawInput
from shared.streams.ranges import Range
from simulations.bench.bench import Bench
from simulations.bench.clothes import CLASSES, SHAPE, clothes, source
from simulations.bench.errors import BenchError
from simulations.bench.experiment import Samples
from simulations.bench.kafka import make_topics
from simulations.bench.programs import PYTHON, printed
from simulations.bench.report import Better, Figure

# As many as Fashion-MNIST has: on fewer, `fit`, which compiles longer than the trainer's step, would flatter.
RECORDS, VALIDATION = 60_000, 6_000
PARAMETERS = TrainingParameters(epochs=5, batch=128)
FIT_DEADLINE_S = 3600.0
SECONDS = "s"


class Training:
    name = "training"
    figures: Sequence[Figure] = (
        Figure(
            name="training-from-stream",
            title="training from a stream / the same fit on arrays in memory, 5 epochs",
            must=1.15,
            aim=1.05,
            better=Better.LOWER,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        topic = bench.unique("clothes")
        asyncio.run(_preload(bench.cluster, topic))
        bench.say("training from a stream")
        folder = bench.layout.directory / bench.unique("training")
        folder.mkdir()
        began = time.monotonic()
        asyncio.run(_reader(bench.cluster, topic).shelve(folder / "shelf"))
        reading = time.monotonic() - began
        fitting = _trained(folder)
        bench.say("training on arrays in memory")
        fit = float(printed("fit", *_settings(), deadline_s=FIT_DEADLINE_S))
        samples.add(
            "training-from-stream",
            (reading + fitting) / fit,
            reading=(reading, SECONDS),
            training=(fitting, SECONDS),
            fit_on_arrays=(fit, SECONDS),
        )
        return samples


async def _preload(cluster: Cluster, topic: str) -> None:
    await make_topics(cluster, {topic: 1})
    sender = AIOKafkaProducer(bootstrap_servers=list(cluster.bootstrap_servers), linger_ms=5)
    await sender.start()
    try:
        for image, label in zip(*clothes(RECORDS), strict=True):
            await sender.send(topic, image.tobytes(), key=label.tobytes(), partition=0)
        await sender.flush()
    finally:
        await sender.stop()


def _reader(cluster: Cluster, topic: str) -> StreamReader:
    written = RawInput(data_type="uint8", label_type="uint8", data_shape=SHAPE, label_shape=())
    stream = Range(topic=topic, partition=0, start=0, end=RECORDS)
    return StreamReader(cluster=cluster, ranges=(stream,), decoder=stream_decoder(written, is_labelled=True))


def _trained(folder: Path) -> float:
    """From when the network is loaded, which the fit on arrays is not asked to do either, until all has been learnt."""
    (folder / "network.py").write_text(source())
    task = TrainingTask(
        shelf="shelf",
        source="network.py",
        classes=CLASSES,
        parameters=PARAMETERS,
        rates=Rates(validation=VALIDATION / RECORDS, test=0.0),
    )
    (folder / "task.json").write_bytes(encode(task))
    log = folder / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [str(PYTHON), "-m", "agent.training", str(folder)], stdout=subprocess.PIPE, stderr=errors
        ) as running,
    ):
        assert running.stdout is not None
        at = {str(event.get("phase")): now for event, now in _timed(running.stdout)}
    if running.returncode:
        raise BenchError(f"the trainer failed: {log.read_text().splitlines()[-1]}")
    return at["judging"] - at["splitting"]


def _timed(lines: Iterable[bytes]) -> Iterator[tuple[dict[str, object], float]]:
    for line in lines:
        yield msgspec.json.decode(line, type=dict[str, object]), time.monotonic()


def _settings() -> list[str]:
    learning_rate = PARAMETERS.optimiser.learning_rate
    return [str(one) for one in (RECORDS, VALIDATION, PARAMETERS.epochs, PARAMETERS.batch, learning_rate)]
