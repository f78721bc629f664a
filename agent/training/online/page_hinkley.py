"""Seeing that a mean has risen, from one value after the other, in three numbers. Pure.

The test of Page, "Continuous Inspection Schemes", Biometrika 41 (1954), and Hinkley, "Inference about the change-point
from cumulative sum tests", Biometrika 58 (1971), with a mean that forgets, as Gama et al. have it in "A Survey on
Concept Drift Adaptation", ACM Computing Surveys 46 (2014): what a network erred before it had learnt anything must not
hide for ever what it errs later.
"""

from collections.abc import Iterable

from shared.documents.types import Message

# Of values from 0 to 1. At the worst, a mean of 1/2, chance alone lifts the sum this far once in some thousand records
# times e^8; a rise by 0.2 is seen after some 300.
TOLERANCE = 0.02
THRESHOLD = 50.0
MEMORY = 2000


class PageHinkley(Message, frozen=True, kw_only=True):
    """`rise`: how far the sum of what exceeded the mean by more than the tolerance stands above its least."""

    records: int = 0
    mean: float = 0.0
    rise: float = 0.0

    @property
    def has_risen(self) -> bool:
        return self.rise > THRESHOLD

    def after(self, value: float) -> "PageHinkley":
        records = min(self.records + 1, MEMORY)
        mean = self.mean + (value - self.mean) / records
        return PageHinkley(records=records, mean=mean, rise=max(0.0, self.rise + value - mean - TOLERANCE))


def watched(detector: PageHinkley, values: Iterable[float]) -> tuple[PageHinkley, int | None]:
    """After all of them, and the index of the first that showed a rise; the test then begins anew behind it."""
    seen: int | None = None
    for index, value in enumerate(values):
        detector = detector.after(value)
        if detector.has_risen:
            seen, detector = index if seen is None else seen, PageHinkley()
    return detector, seen
