"""What the agent makes of each image of the sample, worked out without Kafka and written into a file.

    python -m simulations.bench.bare.outcomes FILE

The bare pipe sends exactly these values and headers, so what it and the agent ask of Kafka is the same.
"""

import sys
from pathlib import Path

import msgspec

from agent.inference.batch import Departure, Departures
from agent.inference.sub_model import SubModelInUse
from agent.inference.worker import infer_shares
from simulations.bench.bare import steps
from simulations.bench.sample import IMAGES


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What became of one image: an answer, or features that go up."""

    answered: bool
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def read_file(path: Path) -> list[Outcome]:
    """One an image, in the sample's order."""
    return msgspec.msgpack.decode(path.read_bytes(), type=list[Outcome])


def main(path: Path) -> None:
    serving = steps.sub_model()
    outcomes = [_outcome(serving, record) for record in steps.records(IMAGES)]
    serving.retire()
    path.write_bytes(msgspec.msgpack.encode(outcomes))


def _outcome(serving: SubModelInUse, record: steps.FakeRecord) -> Outcome:
    arrivals = steps.arrived(serving, [record])
    made: Departures = steps.departures([record], arrivals, infer_shares(arrivals.shares))
    (one,) = made.answers or made.forwards
    return Outcome(bool(made.answers), one.value or b"", _headers(one))


def _headers(departure: Departure) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value or b"") for name, value in departure.headers)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
