"""What every vector of a path costs and spares: the whole trade, to be drawn."""

from typing import Annotated

import numpy as np
from msgspec import Meta

from agent.training.cutting.network import Duration, Link
from agent.training.exiting.outcomes import Outcomes, Thresholds, answered_right, exits_taken, harmed, shares
from agent.training.exiting.path import Path
from agent.training.exiting.risk import as_settings
from shared.documents.types import Document, Message


class Costs(Document, frozen=True, kw_only=True):
    """Of one record. `tier_s`: of each tier, its exit's head included, one more than there are cuts.

    `cut_bytes` and `links`: of each cut, the one above the first exit first. A tier that has no exit is told as
    part of the one above it: times and bytes added, the time of its crossing in that link's `fixed_s`.
    """

    tier_s: tuple[Duration, ...]
    cut_bytes: tuple[Annotated[float, Meta(ge=0)], ...]
    links: tuple[Link, ...]

    def __post_init__(self) -> None:
        if not len(self.tier_s) - 1 == len(self.cut_bytes) == len(self.links):
            raise ValueError("`cut_bytes` and `links` need one entry for each pair of neighbours in `tier_s`")


class TradePoint(Message, frozen=True, kw_only=True):
    """One vector. `shares` by the exit that answers, the last included; `harm` and `accuracy` of the whole.

    `latency_s` and `sent_bytes`: means over the records, none waiting for others; None where no costs are known.
    """

    thresholds: tuple[float | None, ...]
    shares: tuple[float, ...]
    harm: float
    accuracy: float
    latency_s: float | None = None
    sent_bytes: float | None = None


def trade(path: Path, outcomes: Outcomes, costs: Costs | None = None) -> tuple[TradePoint, ...]:
    """A point for each row of `path`, as these records saw it; a point carries no promise."""
    if costs is not None and len(costs.links) != outcomes.early:
        raise ValueError(f"costs of {len(costs.links)} cuts for {outcomes.early} early exits")
    return tuple(_point(thresholds, outcomes, costs) for thresholds in path)


def expected_costs(shares: tuple[float, ...], costs: Costs) -> tuple[float, float]:
    """Seconds and bytes of a record, where `shares` of the records are answered by each exit, the last included.

    A tier and the cut below it are paid by the records that no exit below has answered.
    """
    reach = 1 - np.concatenate([[0.0], np.cumsum(shares[:-1])])
    crossing_s = [
        size / link.bytes_per_s + link.fixed_s for size, link in zip(costs.cut_bytes, costs.links, strict=True)
    ]
    seconds = reach @ np.array(costs.tier_s) + reach[1:] @ np.array(crossing_s)
    return float(seconds), float(reach[1:] @ np.array(costs.cut_bytes))


def _point(thresholds: Thresholds, outcomes: Outcomes, costs: Costs | None) -> TradePoint:
    taken = exits_taken(outcomes, thresholds)
    by_exit = shares(outcomes, taken)
    latency_s, sent_bytes = (None, None) if costs is None else expected_costs(by_exit, costs)
    return TradePoint(
        thresholds=as_settings(thresholds),
        shares=by_exit,
        harm=float(harmed(outcomes, taken).mean()),
        accuracy=float(answered_right(outcomes, taken).mean()),
        latency_s=latency_s,
        sent_bytes=sent_bytes,
    )
