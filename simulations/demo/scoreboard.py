"""What the demo has seen so far, and the figures that follow from it. Pure: times come in as arguments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFigures:
    """`share` and `accuracy` are fractions, latencies milliseconds from sent to read at the answers topic.

    `bytes_up`: what this tier sent to the one above, keys, values and headers as Kafka stores them.
    """

    tier: str
    answered: int
    share: float
    accuracy: float | None
    p50_ms: float | None
    p99_ms: float | None
    forwarded: int
    bytes_up: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`bytes_raw`: what sending every answered or open record to the cloud would have cost, values alone."""

    sent: int
    answered: int
    doubled: int
    dead_lettered: int
    records_per_s: float
    accuracy: float | None
    bytes_raw: int
    tiers: tuple[TierFigures, ...]

    @property
    def uplink_ratio(self) -> float | None:
        """Bytes up at the first tier's uplink over raw bytes."""
        return self.tiers[0].bytes_up / self.bytes_raw if self.bytes_raw and self.tiers else None


@dataclass(slots=True)
class _Tally:
    latencies_ms: list[float] = field(default_factory=list)
    right: int = 0
    forwarded: int = 0
    bytes_up: int = 0


@dataclass(slots=True)
class Scoreboard:
    """`tiers` in order, nearest to the sensor first; `window_s`: over how long records per second are counted."""

    tiers: Sequence[str]
    window_s: float = 2.0
    _labels: dict[bytes, tuple[int, float]] = field(default_factory=dict)
    _answered: set[bytes] = field(default_factory=set)
    _tallies: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    _recent: list[float] = field(default_factory=list)
    _bytes_raw: int = 0
    _doubled: int = 0
    _dead_lettered: int = 0

    @property
    def open(self) -> int:
        """Records sent and not yet answered or given up."""
        return len(self._labels) - len(self._answered) - self._dead_lettered

    def sent(self, record_id: bytes, *, label: int, size_bytes: int, at_s: float) -> None:
        self._labels[record_id] = (label, at_s)
        self._bytes_raw += size_bytes

    def answered(self, record_id: bytes, *, tier: str, predicted: int | None, at_s: float) -> None:
        """Answers to records that are not ours are passed over; a second answer to one of ours is counted apart."""
        known = self._labels.get(record_id)
        if known is None:
            return
        if record_id in self._answered:
            self._doubled += 1
            return
        label, sent_at_s = known
        self._answered.add(record_id)
        self._recent.append(at_s)
        tally = self._tallies[tier]
        tally.latencies_ms.append((at_s - sent_at_s) * 1e3)
        tally.right += predicted == label

    def forwarded(self, record_id: bytes, *, tier: str, size_bytes: int) -> None:
        if record_id in self._labels:
            self._tallies[tier].forwarded += 1
            self._tallies[tier].bytes_up += size_bytes

    def dead_lettered(self, record_id: bytes) -> None:
        self._dead_lettered += record_id in self._labels

    def figures(self, *, at_s: float) -> Figures:
        self._recent = [moment for moment in self._recent if moment > at_s - self.window_s]
        answered = len(self._answered)
        right = sum(tally.right for tally in self._tallies.values())
        return Figures(
            sent=len(self._labels),
            answered=answered,
            doubled=self._doubled,
            dead_lettered=self._dead_lettered,
            records_per_s=len(self._recent) / self.window_s,
            accuracy=right / answered if answered else None,
            bytes_raw=self._bytes_raw,
            tiers=tuple(self._tier(tier, answered) for tier in self.tiers),
        )

    def _tier(self, tier: str, answered_in_all: int) -> TierFigures:
        tally = self._tallies[tier]
        answered = len(tally.latencies_ms)
        p50, p99 = np.percentile(tally.latencies_ms, [50, 99]) if answered else (None, None)
        return TierFigures(
            tier=tier,
            answered=answered,
            share=answered / answered_in_all if answered_in_all else 0.0,
            accuracy=tally.right / answered if answered else None,
            p50_ms=None if p50 is None else float(p50),
            p99_ms=None if p99 is None else float(p99),
            forwarded=tally.forwarded,
            bytes_up=tally.bytes_up,
        )
