"""What one modelled turn comes to, in a few numbers: all that is kept where its records are too many."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from shared.documents import Message
from simulations.measurement.measures import PERCENTILES
from simulations.model.outcome import Outcome


class TurnSummary(Message, frozen=True, kw_only=True):
    """`sent` and `lost` count records, warm-up included; the rest leaves the warm-up out.

    Latencies in milliseconds from due to answered, null where so many were lost. `exit_shares` of the answered ones, by
    tier. `has_records`: a row of each stands in the tables.
    """

    cell: int
    repetition: int
    has_records: bool
    sent: int
    lost: int
    throughput: float
    latency_ms: dict[str, float | None]
    exit_shares: dict[str, float]
    link_bytes: dict[str, int]


class CellSummary(Message, frozen=True, kw_only=True):
    """Means over the repetitions of a cell; a latency is missing where it is infinite in one of them."""

    cell: int
    name: str
    repetitions: int
    sent: float
    lost: float
    throughput: float
    latency_ms: dict[str, float | None]
    exit_shares: dict[str, float]


def of_turn(outcome: Outcome, *, cell: int, repetition: int, has_records: bool) -> TurnSummary:
    measured, answered = outcome.is_measured, outcome.is_answered
    late = np.where(answered, (outcome.answered - outcome.records.due) / 1e6, np.inf)[measured]
    return TurnSummary(
        cell=cell,
        repetition=repetition,
        has_records=has_records,
        sent=len(outcome.records),
        lost=int(np.count_nonzero(~answered)),
        throughput=outcome.throughput(),
        latency_ms=_latencies(late),
        exit_shares=_shares(outcome, measured & answered),
        link_bytes={f"{line.link} {line.direction}": line.bytes for line in outcome.lines},
    )


def of_cell(turns: Sequence[TurnSummary], name: str) -> CellSummary:
    return CellSummary(
        cell=turns[0].cell,
        name=name,
        repetitions=len(turns),
        sent=_mean([turn.sent for turn in turns]),
        lost=_mean([turn.lost for turn in turns]),
        throughput=_mean([turn.throughput for turn in turns]),
        latency_ms=_means([turn.latency_ms for turn in turns]),
        exit_shares={name: share or 0.0 for name, share in _means([turn.exit_shares for turn in turns]).items()},
    )


def _latencies(late: NDArray[np.float64]) -> dict[str, float | None]:
    if not len(late):
        return dict.fromkeys(("mean", *(name for name, _ in PERCENTILES)), None)
    found = np.quantile(late, [share for _, share in PERCENTILES], method="inverted_cdf")
    known = late[np.isfinite(late)]
    latencies = {"mean": float(known.mean()) if len(known) else None}
    return latencies | {name: _finite(value) for (name, _), value in zip(PERCENTILES, found.tolist(), strict=True)}


def _shares(outcome: Outcome, counted: NDArray[np.bool_]) -> dict[str, float]:
    tiers = outcome.tier[counted]
    return {one.tier: float(np.mean(tiers == index)) if len(tiers) else 0.0 for index, one in enumerate(outcome.tiers)}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _means(several: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    return {name: _mean_of_all([one[name] for one in several]) for name in several[0]}


def _mean_of_all(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _mean(known) if len(known) == len(values) else None


def encode(summary: TurnSummary) -> bytes:
    return msgspec.json.format(msgspec.json.encode(summary)) + b"\n"
