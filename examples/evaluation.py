"""What each exit and the whole continuum reach, at every threshold: pure arithmetic over the exits' probabilities."""

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from shared.documents.model import ModelManifest, Precision

Probabilities = npt.NDArray[np.float32]
Labels = npt.NDArray[np.integer]

THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One threshold of `max_probability` at every exit but the last, which answers all. Figures are fractions.

    `harmed` are the records that an early exit got wrong and the last tier would have got right. `uplink_bytes` is the
    mean payload that a record costs on the uplink of each tier, features as `u8`, headers not counted.
    """

    threshold: float
    answered: dict[str, float]
    accuracy: float
    harmed: float
    uplink_bytes: dict[str, float]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """`exits` are the accuracies of each tier alone, on all records."""

    records: int
    exits: dict[str, float]
    outcomes: tuple[Outcome, ...]

    def at(self, threshold: float) -> Outcome:
        return next(outcome for outcome in self.outcomes if outcome.threshold == threshold)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`sets` maps the name of a set of records to an evaluation for each precision."""

    threshold: float
    sets: dict[str, dict[Precision, Evaluation]]


def evaluate(exits: Mapping[str, Probabilities], labels: Labels, manifest: ModelManifest) -> Evaluation:
    """`exits` hold (n, classes) for every tier and the same n records, the tier nearest to the sensor first."""
    return Evaluation(
        records=len(labels),
        exits={tier: float((probabilities.argmax(1) == labels).mean()) for tier, probabilities in exits.items()},
        outcomes=tuple(outcome(exits, labels, manifest, threshold=threshold) for threshold in THRESHOLDS),
    )


def outcome(
    exits: Mapping[str, Probabilities], labels: Labels, manifest: ModelManifest, *, threshold: float
) -> Outcome:
    probabilities = np.stack([*exits.values()])
    right = probabilities.argmax(2) == labels
    left_at = leaves_at(probabilities, threshold=threshold)
    right_where_left = np.take_along_axis(right, left_at[np.newaxis], 0)[0]
    return Outcome(
        threshold=threshold,
        answered={tier: float((left_at == level).mean()) for level, tier in enumerate(exits)},
        accuracy=float(right_where_left.mean()),
        harmed=float((right[-1] & ~right_where_left).mean()),
        uplink_bytes={
            sub_model.tier: float((left_at > level).mean()) * sub_model.features.elements
            for level, sub_model in enumerate(manifest.sub_models)
            if sub_model.features
        },
    )


def leaves_at(probabilities: Probabilities, *, threshold: float) -> npt.NDArray[np.intp]:
    """The index of the first tier that is sure enough, for each record; `probabilities` is (tiers, n, classes)."""
    sure = probabilities.max(2) >= threshold
    sure[-1] = True
    first: npt.NDArray[np.intp] = sure.argmax(0)
    return first


def choose(evaluation: Evaluation, *, within: float = 0.005) -> float:
    """The lowest threshold that costs at most `within` of the last tier's accuracy: the fewest bytes sent up."""
    last = [*evaluation.exits.values()][-1]
    good = [one.threshold for one in evaluation.outcomes if one.accuracy >= last - within]
    return min(good, default=max(THRESHOLDS))
