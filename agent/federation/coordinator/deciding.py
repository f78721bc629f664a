"""What a coordinator decides next: of an update that came, and of the time that passed. Pure."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from agent.federation.coordinator.decisions import Accepted, Cause, Closed, Ended, Refused
from agent.federation.coordinator.standing import Participant, Standing
from shared.documents.federation import Rounds, Stop
from shared.documents.types import Count

_SPENT = "privacy: it has had as many updates as its epsilon allows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An update whose manifest was read at `offset` of its participant's topic. Nothing of it has been believed yet.

    `first`: the offset of its first chunk. `number` 0: nobody knows which, or whose.
    `unsound`: why it cannot be used, as far as its bytes say; empty when they are what the manifest promises.
    """

    participant: str
    number: int
    base: int
    records: int
    steps: Count
    offset: int
    sha256: str
    first: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    unsound: str = ""


class NotYet(Enum):
    """No decision: the participant has its place in this round, and this update waits in its topic for the next."""

    NOT_YET = "not-yet"


def on_offer(
    standing: Standing, rounds: Rounds, offer: Offer, *, at: float, most_updates: int | None = None
) -> Accepted | Refused | Literal[NotYet.NOT_YET] | None:
    """None for an update that was decided on before: sent twice, or read again.

    `most_updates`: so many of one participant privacy allows.
    """
    before = standing.participants.get(offer.participant, Participant())
    if offer.number <= before.number if offer.number else offer.offset <= before.offset:
        return None
    spent = most_updates is not None and before.accepted >= most_updates and _SPENT
    if reason := offer.unsound or spent or _obstacle(standing, rounds, before, offer):
        return Refused(participant=offer.participant, number=offer.number, offset=offer.offset, reason=reason, at=at)
    if any(one.participant == offer.participant for one in standing.accepted):
        return NotYet.NOT_YET
    return Accepted(
        participant=offer.participant,
        number=offer.number,
        base=offer.base,
        records=offer.records,
        steps=offer.steps,
        offset=offer.offset,
        first=offer.first,
        sha256=offer.sha256,
        metrics=offer.metrics,
        at=at,
    )


def on_time(
    standing: Standing, rounds: Rounds, stop: Stop, *, least: int, at: float, most_updates: int | None = None
) -> Closed | Ended | None:
    """`least`: so many updates the strategy takes to make a step; `most_updates` as above."""
    if standing.round < 0 or standing.ended or standing.closed or standing.is_paused:
        return None
    if _is_spent(standing, most_updates):
        return Ended(cause=Cause.PRIVACY, at=at)
    if cause := _over(standing, stop, at):
        return Ended(cause=cause, at=at)
    if cause := _full(standing, rounds, least, at):
        return Closed(round=standing.round, cause=cause, at=at)
    return None


def next_change_at(standing: Standing, rounds: Rounds, stop: Stop) -> float | None:
    """When time alone decides something that has not been decided."""
    if standing.round < 0 or standing.ended or standing.closed or standing.is_paused:
        return None
    moments = []
    if rounds.deadline_s is not None:
        moments.append(standing.since + rounds.deadline_s)
    if stop.seconds is not None and standing.began_at is not None:
        moments.append(standing.began_at + stop.seconds)
    return min(moments, default=None)


def _obstacle(standing: Standing, rounds: Rounds, before: Participant, offer: Offer) -> str:
    if standing.ended:
        return "the federation has ended"
    if not 0 <= offer.base <= standing.round:
        return f"it started from model {offer.base}, which was never published: the newest is {standing.round}"
    if offer.base <= before.base:
        return f"it started from model {offer.base} again: each model is trained from once"
    if rounds.most_stale is not None and standing.round - offer.base > rounds.most_stale:
        return (
            f"it started from model {offer.base}, {standing.round} is the newest, and {rounds.most_stale} may be missed"
        )
    return ""


def _is_spent(standing: Standing, most_updates: int | None) -> bool:
    """Once what was accepted has made its model: nobody's next update could count."""
    if most_updates is None or standing.accepted:
        return False
    return any(one.accepted >= most_updates for one in standing.participants.values())


def _full(standing: Standing, rounds: Rounds, least: int, at: float) -> Cause | None:
    count = len(standing.accepted)
    if count >= max(rounds.updates, least):
        return Cause.FULL
    is_late = rounds.deadline_s is not None and at >= standing.since + rounds.deadline_s
    return Cause.DEADLINE if is_late and count >= max(rounds.quorum, least) else None


def _over(standing: Standing, stop: Stop, at: float) -> Cause | None:
    if standing.round >= stop.rounds:
        return Cause.ROUNDS
    if stop.seconds is not None and standing.began_at is not None and at >= standing.began_at + stop.seconds:
        return Cause.TIME
    if stop.target is not None and _is_reached(standing, stop.target.metric, stop.target.value):
        return Cause.TARGET
    if stop.patience is not None and _is_stuck(standing, stop.patience.metric, stop.patience.rounds):
        return Cause.PATIENCE
    return None


def _is_reached(standing: Standing, metric: str, value: float) -> bool:
    found = standing.history[-1].get(metric) if standing.history else None
    return found is not None and _better(metric, found, value) >= 0


def _is_stuck(standing: Standing, metric: str, rounds: int) -> bool:
    scores = [(number, one[metric]) for number, one in enumerate(standing.history, 1) if metric in one]
    best_at, best = scores[0] if scores else (0, 0.0)
    for number, score in scores[1:]:
        if _better(metric, score, best) > 0:
            best_at, best = number, score
    return bool(scores) and scores[-1][0] - best_at >= rounds


def _better(metric: str, found: float, value: float) -> float:
    """Above 0 when `found` is better."""
    return value - found if metric.endswith("/loss") else found - value
