"""What a run of one seed says on its way, a line each."""

from shared.documents.types import Message
from simulations.federation.outcome import SeedOutcome


class Said(Message, frozen=True, kw_only=True, tag_field="said"):
    pass


class Going(Said, frozen=True, kw_only=True, tag="going"):
    """`round` of `rounds` models are published. `accuracy`: of the newest that was judged."""

    round: int
    rounds: int
    at_s: float
    passes: float
    staleness: float
    accuracy: float | None = None


class Finished(Said, frozen=True, kw_only=True, tag="finished"):
    outcome: SeedOutcome


class Failed(Said, frozen=True, kw_only=True, tag="failed"):
    reason: str
    field: str
    exit_code: int


AnySaid = Going | Finished | Failed
