"""Answers counted: how many from each tier, how soon, and how many right. Pure, and of bounded size."""

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

from shared.record.prediction import Prediction

# Each bucket of latencies is 2 % wider than the one before it, so a percentile is right within 1 %.
GROWTH = math.log(1.02)


class TierSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`share` and `accuracy` are fractions, latencies milliseconds within 1 %; None where nothing could be counted."""

    tier: str
    answers: int
    share: float
    degraded: int
    accuracy: float | None
    p50_ms: float | None
    p99_ms: float | None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The document of `fogline watch --summary`. `seconds` is from the first answer to the last."""

    answers: int
    seconds: float
    records_per_s: float
    accuracy: float | None
    tiers: tuple[TierSummary, ...]


class Latencies:
    """A histogram: any number of values in the memory of a few hundred."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()

    def add(self, latency_ms: float) -> None:
        """Two clocks that disagree can make a latency negative: it counts as none at all."""
        self._buckets[round(math.log(max(latency_ms, 0.001)) / GROWTH)] += 1

    def percentile(self, fraction: float) -> float | None:
        """The nearest rank; None when there are no values."""
        rank = math.ceil(fraction * self._buckets.total())
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                return math.exp(bucket * GROWTH)
        return None


class _Tally:
    def __init__(self) -> None:
        self.answers = self.degraded = self.labelled = self.right = 0
        self.latencies = Latencies()


class Tallies:
    """`labels[row]` is the class, by number or name, of the record that `fogline send` took from there."""

    def __init__(self, tiers: Sequence[str], labels: Sequence[int | str] = ()) -> None:
        self._tiers = {tier: _Tally() for tier in tiers}
        self._labels = labels

    def add(self, prediction: Prediction) -> None:
        tally = self._tiers.setdefault(prediction.tier, _Tally())
        tally.answers += 1
        tally.degraded += prediction.degraded
        tally.latencies.add(prediction.latency_ms)
        if (label := self._label(prediction.id)) is not None and prediction.class_ is not None:
            tally.labelled += 1
            tally.right += label == (prediction.label if isinstance(label, str) else prediction.class_)

    def summary(self, *, seconds: float) -> Summary:
        answers = sum(tally.answers for tally in self._tiers.values())
        return Summary(
            answers=answers,
            seconds=seconds,
            records_per_s=answers / seconds if seconds > 0 else 0.0,
            accuracy=_ratio(
                sum(tally.right for tally in self._tiers.values()),
                sum(tally.labelled for tally in self._tiers.values()),
            ),
            tiers=tuple(_tier(name, tally, answers) for name, tally in self._tiers.items()),
        )

    def _label(self, id_: str) -> int | str | None:
        """The last 8 bytes of an id that `fogline send` gave are the row; any other id is a far greater number."""
        row = int(id_[16:] or "0", 16)
        return self._labels[row] if row < len(self._labels) else None


def _tier(name: str, tally: _Tally, answers: int) -> TierSummary:
    return TierSummary(
        tier=name,
        answers=tally.answers,
        share=_ratio(tally.answers, answers) or 0.0,
        degraded=tally.degraded,
        accuracy=_ratio(tally.right, tally.labelled),
        p50_ms=tally.latencies.percentile(0.5),
        p99_ms=tally.latencies.percentile(0.99),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
