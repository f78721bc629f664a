"""Thresholds with a promise: at most this share of the records loses a right answer by leaving early.

Learn then Test with fixed sequence testing: Angelopoulos, Bates, Candes, Jordan and Lei, Learn then Test: Calibrating
Predictive Algorithms to Achieve Risk Control, 2021 (arXiv 2110.01052). The vectors of a path that was fixed on other
records are tested in its order, each at the full confidence, until one fails: only the first vector that is too harmful
can break the promise, and it must pass its test to do so.
"""

import math

from agent.training.exiting.binomial import least_trials, most_successes, upper_bound
from agent.training.exiting.outcomes import NEVER, Outcomes, Thresholds, exits_taken, harmed, shares
from agent.training.exiting.path import Path
from shared.documents.types import Message
from shared.errors import SettingsError


class Choice(Message, frozen=True, kw_only=True):
    """The last vector of a path that passed. `risk`, at `confidence`, is the promise about records like those tested.

    `thresholds`: one an early exit, None where it never answers (a tier without exit policy). `step`: the row of the
    path. `shares`: of the tested records, by the exit that answers, the last one included. `harmed`: of `records`
    tested. `upper_bound` is what `harmed` alone would prove at `confidence`, had no other vector been tested: it says
    how near the next failure was, and is no promise of its own.
    """

    thresholds: tuple[float | None, ...]
    step: int
    shares: tuple[float, ...]
    harmed: int
    records: int
    upper_bound: float
    risk: float
    confidence: float

    @property
    def is_never(self) -> bool:
        return all(threshold is None for threshold in self.thresholds)

    @property
    def sentence(self) -> str:
        """For people."""
        if self.is_never:
            return (
                f"no exit may answer: not even the first step down the path keeps the harm at {self.risk:g} with "
                f"confidence {self.confidence:g} on {self.records} records"
            )
        return (
            f"{1 - self.shares[-1]:.1%} leave early; at confidence {self.confidence:g} at most {self.risk:g} of all "
            f"records lose a right answer by it ({self.harmed} of {self.records} did)"
        )


def choose(path: Path, test: Outcomes, *, risk: float, confidence: float) -> Choice:
    """`test` are outcomes of records that had no part in making `path`.

    Harm is counted over all exits together. Raises SettingsError when so few records can prove nothing.
    """
    require_enough(len(test), risk=risk, confidence=confidence)
    allowed = most_successes(len(test), risk, confidence)
    step = 0
    while step + 1 < len(path) and _harm(path, step + 1, test) <= allowed:
        step += 1
    found = _harm(path, step, test)
    return Choice(
        thresholds=as_settings(path[step]),
        step=step,
        shares=shares(test, exits_taken(test, path[step])),
        harmed=found,
        records=len(test),
        upper_bound=upper_bound(found, len(test), confidence),
        risk=risk,
        confidence=confidence,
    )


def require_enough(records: int, *, risk: float, confidence: float, of_all: float = 1.0) -> None:
    """Raises SettingsError unless `records` could prove the risk if none of them were harmed, naming how many can.

    `of_all`: the share that is tested of the records a user gives.
    """
    for name, value in (("risk", risk), ("confidence", confidence)):
        if not 0 < value < 1:
            raise SettingsError(f"{name} {value:g} is not between 0 and 1")
    if records < (least := least_trials(risk, confidence)):
        in_all = "" if of_all == 1 else f", the {of_all:.0%} that are tested of {math.ceil(least / of_all)}"
        raise SettingsError(
            f"{records} records to test cannot prove a risk of {risk:g} at confidence {confidence:g} even if none is "
            f"harmed: it takes {least}{in_all}; give more records, or accept more risk or less confidence"
        )


def as_settings(thresholds: Thresholds) -> tuple[float | None, ...]:
    """As a deployment says them: None where an exit never answers."""
    return tuple(None if threshold == NEVER else float(threshold) for threshold in thresholds)


def _harm(path: Path, step: int, test: Outcomes) -> int:
    return int(harmed(test, exits_taken(test, path[step])).sum())
