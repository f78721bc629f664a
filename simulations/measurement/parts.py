"""Where a record's time went: parts by place that add up to its latency, to the microsecond. Pure.

    due ─ waiting ─ sent ─ link ─ acked ─ waiting ─ received ─ computing ─ inferred ─ producing ─ sent ─ link ─ ...
          clients          edge           edge                 edge                   edge            fog

`link` is the way into a place's log and, where no acknowledgement tells them apart, the time in that log too. The place
`answer` is the log that the client reads. `computing` includes the wait for the rest of a micro-batch.
An acknowledgement travels back while the record already travels on, so it may come after the next receipt: the way
then ended with the receipt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulations.measurement.columns import Columns, chosen

ANSWER = "answer"
CLIENTS = "clients"
Micros = NDArray[np.float64]


class Kind(StrEnum):
    WAITING = "waiting"
    LINK = "link"
    COMPUTING = "computing"
    PRODUCING = "producing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Of the records of one repetition whose way is known whole.

    `rows`: which they are. `parts`: microseconds by place and kind, each `[len(rows)]`, in the order of the way; 0
    where a record did not come by. `disorder`: microseconds by which a record's times contradict their order, which is
    0 while one clock reads them all.
    """

    rows: NDArray[np.int64]
    parts: Mapping[tuple[str, Kind], Micros]
    disorder: Micros


def split(records: Columns, hops: Columns) -> Split:
    """Both of one repetition. Records without an answer are left out, and those of which a hop is missing."""
    answered = np.flatnonzero(~np.isnan(records["answered_us"]))
    mine = chosen(records, answered)
    way = _Way(mine, _of_records(mine, hops))
    taken = way.walk()
    whole = np.flatnonzero(way.whole(taken))
    cuts = _cuts(chosen(mine, whole), way.tiers, [_picked(way.hops, one[whole]) for one in taken])
    parts, disorder = _between(cuts)
    return Split(rows=answered[whole], parts=parts, disorder=disorder)


def _of_records(records: Columns, hops: Columns) -> Columns:
    """With a column `record`, the row of each hop's record; hops of other records are dropped."""
    rows = {name: row for row, name in enumerate(records["id"].tolist())}
    record = np.array([rows.get(name, -1) for name in hops["id"].tolist()], dtype=np.int64)
    known = record >= 0
    return {**chosen(hops, known), "record": record[known]}


class _Way:
    """Goes back from each answer: of a tier's hops the last one that the next moment on the way allows.

    A record that was delivered again has several hops at a tier, of which one led to the answer.
    """

    def __init__(self, records: Columns, hops: Columns) -> None:
        order = np.lexsort((hops["received_us"], hops["record"]))
        self.records, self.hops = records, chosen(hops, order)
        levels = sorted(set(self.hops["hop"].tolist()))
        self.rows = [np.flatnonzero(self.hops["hop"] == level) for level in levels]
        self.tiers = [str(self.hops["tier"][rows[0]]) for rows in self.rows]

    def walk(self) -> list[NDArray[np.int64]]:
        """For each tier from the clients on, the row of each record's hop, -1 where there is none."""
        limit = self.records["answered_us"].copy()
        begun = np.zeros(len(limit), dtype=np.bool_)
        taken = []
        for tier, rows in zip(reversed(self.tiers), reversed(self.rows), strict=True):
            begun |= self.records["tier"] == tier
            found = np.where(begun, self._last_before(rows, limit), -1)
            limit = np.where(found >= 0, self.hops["received_us"][found], limit)
            taken.append(found)
        return taken[::-1]

    def _last_before(self, rows: NDArray[np.int64], limit: Micros) -> NDArray[np.int64]:
        """One search for all: records and times in one number, a record's times after the last one's."""
        received, wanted = self.hops["received_us"][rows], limit.astype(np.int64)
        low = min(int(received.min()), int(wanted.min(initial=received[0])))
        span = max(int(received.max()), int(wanted.max(initial=received[0]))) - low + 1
        keys = self.hops["record"][rows] * span + (received - low)
        wanted = np.arange(len(limit)) * span + (wanted - low)
        at = np.searchsorted(keys, wanted, side="right") - 1
        there = rows[np.maximum(at, 0)]
        return np.where((at >= 0) & (self.hops["record"][there] == np.arange(len(limit))), there, -1)

    def whole(self, taken: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_]:
        """From the first tier to the one that answered, none missing."""
        whole = np.ones(len(self.records["id"]), dtype=np.bool_)
        ended = np.zeros(len(whole), dtype=np.bool_)
        for tier, found in zip(self.tiers, taken, strict=True):
            whole &= ended | (found >= 0)
            ended |= self.records["tier"] == tier
        return whole & ended


def _picked(hops: Columns, rows: NDArray[np.int64]) -> Mapping[str, Micros]:
    """The times of one tier's hops, NaN where a record did not come by."""
    names = ("received_us", "inferred_us", "sent_us", "acked_us")
    return {name: np.where(rows >= 0, hops[name][rows].astype(np.float64), np.nan) for name in names}


_Cut = tuple[str, Kind, Micros]


def _cuts(records: Columns, tiers: Sequence[str], hops: Sequence[Mapping[str, Micros]]) -> list[_Cut]:
    """When each part ended, after the moment at which it all began."""
    cuts: list[_Cut] = [(CLIENTS, Kind.WAITING, _floats(records["due_us"]))]
    cuts.append((CLIENTS, Kind.WAITING, _floats(records["sent_us"])))
    acked = records["acked_us"]
    for tier, hop in zip(tiers, hops, strict=True):
        passed = ~np.isnan(hop["received_us"])
        cuts.append((tier, Kind.LINK, np.where(passed, np.fmin(acked, hop["received_us"]), np.nan)))
        cuts.append((tier, Kind.WAITING, hop["received_us"]))
        cuts.append((tier, Kind.COMPUTING, hop["inferred_us"]))
        cuts.append((tier, Kind.PRODUCING, hop["sent_us"]))
        acked = np.where(passed, hop["acked_us"], acked)
    cuts.append((ANSWER, Kind.LINK, np.fmin(acked, records["answered_us"])))
    cuts.append((ANSWER, Kind.WAITING, records["answered_us"]))
    return cuts


def _floats(values: NDArray[Any]) -> Micros:
    return values.astype(np.float64)


def _between(cuts: Sequence[_Cut]) -> tuple[Mapping[tuple[str, Kind], Micros], Micros]:
    """A moment before the one that must precede it counts as the same one; what that hides is the disorder."""
    (_, _, last), end = cuts[0], cuts[-1][2]
    parts, disorder = {}, np.zeros(len(end))
    for place, kind, moment in cuts[1:]:
        there = np.where(np.isnan(moment), last, moment)
        kept = np.minimum(np.maximum(there, last), end)
        disorder += np.abs(there - kept)
        parts[place, kind] = kept - last
        last = kept
    return parts, disorder
