"""The agent's own steps on records that never saw Kafka: what they make of the sample, and what each costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.backends.registry import choose
from agent.inference.arrivals import read
from agent.inference.batch import Arrivals, Departures, InferenceResult
from agent.inference.departures import Moment, Rules, depart
from agent.inference.sub_model import SubModelInUse
from shared.documents import ArtifactFormat, Decoder, ExitPolicy, FeaturesEncoding
from shared.record.decoders import decoder_for
from shared.record.headers import Header
from shared.record.prediction import Answerer
from simulations.bench import network
from simulations.bench.sample import images


@dataclass(slots=True, kw_only=True)
class FakeRecord:
    """One record as the consumer would hand it over."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


RULES = Rules(policy=ExitPolicy(threshold=network.THRESHOLD), features=FeaturesEncoding.U8)
MOMENT = Moment(
    node="bench-1",
    boot_id=b"1-01234567",
    received_us=10**9,
    inferred_us=10**9 + 500,
    sent_us=10**9 + 900,
    now_us=10**15,
)


def sub_model(*, threads: int = 1) -> SubModelInUse:
    version = network.loaded_version(1)
    (artifact,) = network.edge(1).artifacts
    model = choose(ArtifactFormat.TFLITE).load(network.FOLDER / artifact.file, version.sub_model, threads=threads)
    answerer = Answerer(deployment="bench", tier="edge", node="bench-1", model=version.model, version=version.version)
    return SubModelInUse(version, model, decoder_for(Decoder(), version.sub_model.input), answerer)


def records(count: int) -> list[FakeRecord]:
    return [
        FakeRecord(
            topic="bench.in", partition=0, offset=offset, timestamp=10**12, key=None, value=image.tobytes(), headers=()
        )
        for offset, image in enumerate(images(count))
    ]


def arrived(serving: SubModelInUse, taken: Sequence[FakeRecord]) -> Arrivals:
    return read(taken, cluster_id="bench", sub_models={serving.id: serving}, serving=serving.id)


def departures(taken: Sequence[FakeRecord], arrivals: Arrivals, result: InferenceResult) -> Departures:
    return depart(taken, arrivals, result, RULES, MOMENT)
