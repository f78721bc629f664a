"""What a coordinator decides, in the order in which it did: the records of its log, and all that a replay needs.

Each is written before it is acted on. `at`: seconds since the epoch by the coordinator's clock, which is read once a
decision: what followed from the time then follows from the log ever after.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field

from shared.documents import decode, encode
from shared.documents.types import Count, Message, Name, Sha256

# Of any size: what was once accepted must be read again.
_Positive = Annotated[int, Meta(ge=1)]


class Cause(StrEnum):
    """Why a round, or a federation, is over."""

    FULL = "full"
    DEADLINE = "deadline"
    ROUNDS = "rounds"
    TIME = "time"
    TARGET = "target"
    PATIENCE = "patience"
    PRIVACY = "privacy"
    CANCELLED = "cancelled"


class Decision(Message, frozen=True, kw_only=True, tag_field="decision"):
    at: float


class Led(Decision, frozen=True, kw_only=True, tag="led"):
    """What follows is decided by the coordinator `by`; whoever finds another one's name behind its own stops."""

    by: str


class Opened(Decision, frozen=True, kw_only=True, tag="opened"):
    """Round 0's model is published."""

    model: Sha256


class Accepted(Decision, frozen=True, kw_only=True, tag="accepted"):
    """An update, whole and verified, whose manifest lies at `offset` of the participant's topic and whose chunks from
    `first` on. Counts in this round.

    `number`: of the participant's updates, rising. `base`: the round whose model it started from.
    """

    participant: Name
    number: Count
    base: int
    records: _Positive
    steps: _Positive
    offset: int
    first: int = 0
    sha256: Sha256
    metrics: dict[str, float] = field(default_factory=dict)


class Refused(Decision, frozen=True, kw_only=True, tag="refused"):
    """An update that never counts, and why. `number` 0: nobody knows whose it is, or which."""

    participant: Name
    number: int
    offset: int
    reason: str


class Closed(Decision, frozen=True, kw_only=True, tag="closed"):
    """The round is over: what was accepted in it makes the next model, of round `round` + 1."""

    round: int
    cause: Cause


class Noised(Decision, frozen=True, kw_only=True, tag="noised"):
    """Noise of this standard deviation is added to the model that this round made, from a `seed` that is sealed."""

    round: int
    deviation: float
    seed: str


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


AnyDecision = Led | Opened | Accepted | Refused | Closed | Noised | Published | Paused | Resumed | Ended


def to_bytes(decision: AnyDecision) -> bytes:
    return encode(decision)


def from_bytes(raw: bytes) -> AnyDecision:
    """Raises DocumentError."""
    return decode(raw, AnyDecision)  # type: ignore[arg-type]
