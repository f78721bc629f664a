"""The question where to cut a network: what is to be small or great, and under which load."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from shared.errors import SettingsError

if TYPE_CHECKING:
    from agent.training.cutting.network import Profile
    from agent.training.cutting.outcome import Comparison, Cutting


class Objective(StrEnum):
    LATENCY = "latency"
    BYTES = "bytes"
    THROUGHPUT = "throughput"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`above`: the tier whose link alone is counted; `load`: records/s that a cutting must hold."""

    objective: Objective = Objective.LATENCY
    above: str | None = None
    load: float | None = None
    keep: int = 5

    def __post_init__(self) -> None:
        if self.above is not None and self.objective is not Objective.BYTES:
            raise SettingsError("--above counts the bytes on one link: it goes with --for bytes")
        if self.load is not None and self.objective is Objective.THROUGHPUT:
            raise SettingsError("--for throughput finds the greatest load: it takes no --load")
        if self.load is not None and not 0 < self.load < math.inf:
            raise SettingsError(f"--load is a number of records/s above 0, not {self.load:g}")

    @property
    def words(self) -> str:
        match self.objective:
            case Objective.LATENCY:
                wanted = "Least expected latency"
            case Objective.BYTES:
                wanted = "Fewest bytes on " + ("all links" if self.above is None else f"the link above {self.above}")
            case Objective.THROUGHPUT:
                wanted = "Most records/s"
        return wanted if self.load is None else f"{wanted} under {self.load:,g} records/s"

    def answer(self, profile: "Profile") -> "Comparison":
        """Raises DocumentError, saying what is missing, where no cutting is possible."""
        from agent.training.cutting.bottleneck import most_records
        from agent.training.cutting.latency import fastest, fewest_bytes

        busy_limit_s = math.inf if self.load is None else 1 / self.load
        match self.objective:
            case Objective.LATENCY:
                return fastest(profile, keep=self.keep, busy_limit_s=busy_limit_s)
            case Objective.BYTES:
                return fewest_bytes(profile, above=self.above, keep=self.keep, busy_limit_s=busy_limit_s)
            case Objective.THROUGHPUT:
                return most_records(profile, keep=self.keep)

    def measured(self, cutting: "Cutting") -> float:
        """What was asked for, of one cutting: seconds, bytes, or records/s."""
        match self.objective:
            case Objective.LATENCY:
                return cutting.expected_s
            case Objective.BYTES:
                counted = (one for one in cutting.crossings if self.above in (None, one.lower))
                return math.fsum(one.expected_bytes for one in counted)
            case Objective.THROUGHPUT:
                return math.inf if cutting.records_per_s is None else cutting.records_per_s
