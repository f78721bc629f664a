"""What became of an experiment: a document a seed, and what they have in common."""

from statistics import fmean, stdev

from msgspec import field

from shared.documents.types import Message

ACCURACY = "accuracy"


class Version(Message, frozen=True, kw_only=True):
    """A global model, at `at_s` of virtual time. `passes`: how often the sites together had trained on all records.

    `staleness`: the mean, and `most_stale` the greatest, of the updates it was made of. `metrics`: none unless judged.
    """

    round: int
    at_s: float
    passes: float
    updates: int
    staleness: float
    most_stale: int
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        """Of the last exit, which answers for the whole network."""
        found = [value for name, value in self.metrics.items() if name.endswith("/" + ACCURACY)]
        return found[-1] if found else None


class SeedOutcome(Message, frozen=True, kw_only=True):
    """`versions`: those that were judged. `up_bytes`, `float32_bytes`: of all updates, as they were sent and as they
    would have been without an encoding. `real_s`: by the clock on the wall; `processor_s`: without others' work.
    """

    seed: int
    versions: tuple[Version, ...]
    rounds: int
    accepted: int
    refused: dict[str, int]
    passes: float
    virtual_s: float
    real_s: float
    processor_s: float
    up_bytes: int
    float32_bytes: int
    down_bytes: int
    model: str
    ended: str | None

    @property
    def accuracy(self) -> float:
        return self.versions[-1].accuracy or 0.0

    def reached_at(self, accuracy: float) -> Version | None:
        """The first that was as good."""
        return next((one for one in self.versions if (one.accuracy or 0.0) >= accuracy), None)


class Outcome(Message, frozen=True, kw_only=True):
    """`spread`: the standard deviation over seeds; None of one alone."""

    name: str
    digest: str
    seeds: tuple[SeedOutcome, ...]
    accuracy: float
    spread: float | None
    most_passes: float
    up_share: float


def together(name: str, digest: str, seeds: tuple[SeedOutcome, ...]) -> Outcome:
    accuracies = [one.accuracy for one in seeds]
    whole = sum(one.float32_bytes for one in seeds)
    return Outcome(
        name=name,
        digest=digest,
        seeds=seeds,
        accuracy=fmean(accuracies),
        spread=stdev(accuracies) if len(accuracies) > 1 else None,
        most_passes=max(one.passes for one in seeds),
        up_share=sum(one.up_bytes for one in seeds) / whole if whole else 1.0,
    )
