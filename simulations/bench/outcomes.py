"""What the agent makes of each image of the sample, worked out with the agent's own functions and no Kafka.

The bare pipe sends exactly these values and headers, so what it and the agent ask of Kafka is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agent.backends.registry import choose
from agent.inference.arrivals import read
from agent.inference.batch import Departure, Departures
from agent.inference.departures import Moment, Rules, depart
from agent.inference.sub_model import SubModelInUse
from agent.inference.worker import infer_shares
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


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What became of one image: an answer, or features that go up."""

    answered: bool
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


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


def departures(serving: SubModelInUse, taken: Sequence[FakeRecord]) -> Departures:
    arrivals = read(taken, cluster_id="bench", sub_models={serving.id: serving}, serving=serving.id)
    return depart(taken, arrivals, infer_shares(arrivals.shares), RULES, MOMENT)


def write(path: Path) -> None:
    """One outcome an image, in the sample's order, for `read_file`."""
    serving = sub_model()
    outcomes = [_outcome(departures(serving, [record])) for record in records(len(images()))]
    serving.retire()
    path.write_bytes(msgspec.msgpack.encode(outcomes))


def read_file(path: Path) -> list[Outcome]:
    return msgspec.msgpack.decode(path.read_bytes(), type=list[Outcome])


def _outcome(made: Departures) -> Outcome:
    (one,) = made.answers or made.forwards
    return Outcome(bool(made.answers), one.value or b"", _headers(one))


def _headers(departure: Departure) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value or b"") for name, value in departure.headers)
