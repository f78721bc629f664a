"""What a simulated run found, as arrays and as the tables of a real run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulations.measurement.columns import Columns, layout
from simulations.measurement.rows import LinkRow, RecordRow, Row
from simulations.measurement.run_folder import Tables
from simulations.model.nanoseconds import NEVER, Times
from simulations.model.records import Records
from simulations.model.tier import Hops


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUse:
    """What crossed one direction of one link."""

    link: str
    direction: str
    bytes: int
    messages: int
    stalls: int

    def row(self, *, cell: int, repetition: int) -> LinkRow:
        return LinkRow(
            cell=cell,
            repetition=repetition,
            link=self.link,
            direction=self.direction,
            bytes=self.bytes,
            chunks=self.messages,
            stalls=self.stalls,
            error_p50_us=0.0,
            error_p99_us=0.0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TierOutcome:
    """`answered`: one entry a hop; when its answer, given here, is in the tier's log, NEVER where it went on."""

    tier: str
    hops: Hops
    answered: Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Nanoseconds since the load began, one row a record, sorted by client and due time.

    `answered` is NEVER for a lost record, and `tier` (an index) -1. What was due before `warm_up` does not count.
    """

    records: Records
    acked: Times
    answered: Times
    tier: NDArray[np.int64]
    is_degraded: NDArray[np.bool_]
    warm_up: int
    tiers: Sequence[TierOutcome]
    lines: Sequence[LineUse]

    @property
    def is_measured(self) -> NDArray[np.bool_]:
        return self.records.due >= self.warm_up

    @property
    def is_answered(self) -> NDArray[np.bool_]:
        return self.answered < NEVER

    @property
    def lost(self) -> int:
        return int(np.count_nonzero(self.is_measured & ~self.is_answered))

    def latencies_s(self) -> NDArray[np.float64]:
        """From due to answered, of the measured records that were answered."""
        counted = self.is_measured & self.is_answered
        return np.asarray((self.answered - self.records.due)[counted] / 1e9, dtype=np.float64)

    def throughput(self) -> float:
        """Answers a second, from the first measured record's due time to the last answer."""
        counted = self.is_measured & self.is_answered
        if not counted.any():
            return 0.0
        span = int(self.answered[counted].max()) - int(self.records.due[counted].min())
        return float(np.count_nonzero(counted) / (span / 1e9))

    def tables(self, *, cell: int = 0, repetition: int = 0) -> Tables:
        """As a real run's, without what only a machine has: no processor times, and links that are never late."""
        links = [line.row(cell=cell, repetition=repetition) for line in self.lines]
        return replace(
            Tables.of(links=links),
            records=self.record_columns(cell=cell, repetition=repetition),
            hops=self.hop_columns(cell=cell, repetition=repetition),
        )

    def record_columns(self, *, cell: int = 0, repetition: int = 0) -> Columns:
        """A table of RecordRow. What only a network that ran can tell, classes and labels among it, is missing."""
        count = len(self.records)
        names = np.array([*(one.tier for one in self.tiers), None], dtype=object)
        return {
            **_missing(RecordRow, count),
            **_place(count, cell, repetition),
            "client": self.records.client,
            "number": self.records.number,
            "id": self._ids(),
            "due_us": self.records.due // 1000,
            "sent_us": self.records.sent // 1000,
            "acked_us": _microseconds(self.acked),
            "answered_us": _microseconds(self.answered),
            "warm_up": ~self.is_measured,
            "tier": names[self.tier],
            "degraded": self.is_degraded,
            "answers": self.is_answered.astype(np.int64),
        }

    def hop_columns(self, *, cell: int = 0, repetition: int = 0) -> Columns:
        """A table of HopRow; `acked_us` of a record that is answered here: the answer is in the log."""
        ids = self._ids()
        tables = [_hop_columns(number, one, ids) for number, one in enumerate(self.tiers)]
        joined = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
        return {**_place(len(joined["id"]), cell, repetition), **joined}

    def _ids(self) -> NDArray[np.object_]:
        pairs = zip(self.records.client.tolist(), self.records.number.tolist(), strict=True)
        return np.array([f"{client:016x}{number:016x}" for client, number in pairs], dtype=object)


def _hop_columns(number: int, outcome: TierOutcome, ids: NDArray[np.object_]) -> Columns:
    hops, count = outcome.hops, len(outcome.hops.row)
    agents = int(hops.agent.max(initial=-1)) + 1
    nodes = np.array([f"{outcome.tier}-{agent + 1}" for agent in range(agents)], dtype=object)
    return {
        "id": ids[hops.row],
        "hop": np.full(count, number, dtype=np.int64),
        "tier": np.full(count, outcome.tier, dtype=object),
        "node": nodes[hops.agent] if agents else np.empty(0, dtype=object),
        "received_us": hops.received // 1000,
        "inferred_us": hops.inferred // 1000,
        "sent_us": hops.sent // 1000,
        "acked_us": _microseconds(np.minimum(outcome.answered, hops.up_acked)),
    }


def _place(count: int, cell: int, repetition: int) -> dict[str, NDArray[np.int64]]:
    return {
        "cell": np.full(count, cell, dtype=np.int64),
        "repetition": np.full(count, repetition, dtype=np.int64),
    }


def _missing(kind: type[Row], count: int) -> Columns:
    return {
        one.name: np.full(count, np.nan if one.dtype is float else None, dtype=one.dtype)
        for one in layout(kind)
        if one.nullable
    }


def _microseconds(times: Times) -> NDArray[np.float64]:
    return np.where(times < NEVER, times // 1000, np.nan)
