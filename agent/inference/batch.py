"""A micro-batch on its way through one tier: what each station adds to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from aiokafka.structs import TopicPartition
from numpy.typing import NDArray

from agent.backends.protocol import Outputs
from agent.inference.sub_model import SubModelInUse
from shared.errors import RecordError
from shared.record.headers import Header


class Consumed(Protocol):
    """One record as the Kafka client hands it over. `timestamp` in milliseconds since the epoch, -1 for none."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


class Departure(NamedTuple):
    """One record about to be sent; the topic is known by the list it stands in."""

    key: bytes | None
    value: bytes | None
    headers: list[Header]


@dataclass(slots=True, kw_only=True)
class Taken:
    """Records taken together from partitions that were ours in `epoch`.

    `offsets` are to be committed once every record is delivered: for each partition the next one to read.
    `taken_at` is a reading of the monotonic clock in seconds.
    """

    records: list[Consumed]
    offsets: Mapping[TopicPartition, int]
    epoch: int
    taken_at: float


@dataclass(slots=True, kw_only=True)
class Share:
    """The records of a micro-batch that one version must infer: `tensor` has one row for each of `rows`."""

    sub_model: SubModelInUse
    rows: Sequence[int]
    tensor: NDArray[Any]


@dataclass(slots=True, kw_only=True)
class Arrivals:
    """What was read from a micro-batch. All lists have one entry a record; `rejected` maps rows to reasons."""

    ids: list[bytes]
    times_us: list[int]
    trails: list[bytes | None]
    others: list[Sequence[Header]]
    shares: list[Share]
    rejected: dict[int, RecordError] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Inferred:
    """What one version made of its records: the outputs have one row for each of `rows`.

    Features are let go once they are sent; `has_features` remembers that there were some.
    """

    sub_model: SubModelInUse
    rows: Sequence[int]
    outputs: Outputs
    has_features: bool = field(init=False)

    def __post_init__(self) -> None:
        self.has_features = self.outputs.features is not None


@dataclass(slots=True, kw_only=True)
class InferenceResult:
    """A micro-batch after inference; `failures` maps the rows that no outputs came of to the reason.

    `began_at` is a reading of the monotonic clock in seconds.
    """

    shares: list[Inferred]
    failures: dict[int, RecordError]
    began_at: float = 0.0
    seconds: float = 0.0


@dataclass(slots=True, kw_only=True)
class Departures:
    """All that must be delivered before the offsets of a micro-batch may be committed."""

    answers: list[Departure] = field(default_factory=list)
    degraded: list[Departure] = field(default_factory=list)
    forwards: list[Departure] = field(default_factory=list)
    dead_letters: list[Departure] = field(default_factory=list)

    def without(self, departure: Departure) -> None:
        """Take one out, by identity."""
        for records in (self.answers, self.degraded, self.forwards, self.dead_letters):
            records[:] = [one for one in records if one is not departure]
