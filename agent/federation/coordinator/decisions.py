"""What a coordinator decides, in the order in which it did: the records of its log, and all that a replay needs.

Each is written before it is acted on. `at`: seconds since the epoch by the coordinator's clock, which is read once a
decision: what followed from the time then follows from the log ever after.
"""

from enum import StrEnum

from msgspec import field

from shared.documents import decode, encode
from shared.documents.types import Count, Message, Name, Sha256


class Cause(StrEnum):
    """Why a round, or a federation, is over."""

    FULL = "full"
    DEADLINE = "deadline"
    ROUNDS = "rounds"
    TIME = "time"
    TARGET = "target"
    PATIENCE = "patience"
    CANCELLED = "cancelled"


class Decision(Message, frozen=True, kw_only=True, tag_field="decision"):
    at: float


class Opened(Decision, frozen=True, kw_only=True, tag="opened"):
    """Round 0's model is published."""

    model: Sha256


class Accepted(Decision, frozen=True, kw_only=True, tag="accepted"):
    """An update, whole and verified, whose manifest lies at `offset` of the participant's topic. Counts in this round.

    `number`: of the participant's updates, rising. `base`: the round whose model it started from.
    """

    participant: Name
    number: Count
    base: int
    records: Count
    steps: Count
    offset: int
    sha256: Sha256
    metrics: dict[str, float] = field(default_factory=dict)


class Refused(Decision, frozen=True, kw_only=True, tag="refused"):
    """An update that never counts, and why."""

    participant: Name
    number: int
    offset: int
    reason: str


class Closed(Decision, frozen=True, kw_only=True, tag="closed"):
    """The round is over: what was accepted in it makes the next model, of round `round` + 1."""

    round: int
    cause: Cause


class Published(Decision, frozen=True, kw_only=True, tag="published"):
    """The model of this round lies in its topic, whole. A replay that comes to another digest must not go on."""

    round: int
    model: Sha256
    metrics: dict[str, float] = field(default_factory=dict)


class Paused(Decision, frozen=True, kw_only=True, tag="paused"):
    """Updates are still accepted; no round closes."""


class Resumed(Decision, frozen=True, kw_only=True, tag="resumed"):
    """The round's deadline runs anew."""


class Ended(Decision, frozen=True, kw_only=True, tag="ended"):
    cause: Cause


AnyDecision = Opened | Accepted | Refused | Closed | Published | Paused | Resumed | Ended


def to_bytes(decision: AnyDecision) -> bytes:
    return encode(decision)


def from_bytes(raw: bytes) -> AnyDecision:
    """Raises DocumentError."""
    return decode(raw, AnyDecision)  # type: ignore[arg-type]
