"""How a federation stands: what its log of decisions amounts to. Pure; a replay of the log gives the same again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.federation.coordinator.decisions import (
    Accepted,
    AnyDecision,
    Cause,
    Closed,
    Ended,
    Opened,
    Paused,
    Published,
    Refused,
    Resumed,
)
from shared.errors import FoglineError


class LogError(FoglineError):
    """A decision that cannot follow on those before it: the log is damaged, or of another federation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """`number`: its latest update that was decided on. `base`: the round its latest accepted one started from."""

    number: int = 0
    base: int = -1
    accepted: int = 0
    refused: int = 0
    records: int = 0
    staleness: int = 0
    last_at: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`round`: of the newest model, -1 before the first. `accepted`: in the round under way, in their order.

    `closed`: a round is over, its model not published yet. `since`: when the round under way began, or went on after
    a pause. `history`: metrics of every model, from round 1 on.
    """

    round: int = -1
    accepted: tuple[Accepted, ...] = ()
    closed: Closed | None = None
    began_at: float | None = None
    since: float = 0.0
    participants: Mapping[str, Participant] = field(default_factory=dict)
    history: tuple[Mapping[str, float], ...] = ()
    is_paused: bool = False
    ended: Cause | None = None


def after(standing: Standing, decision: AnyDecision) -> Standing:
    """Raises LogError."""
    match decision:
        case Opened():
            _require(standing.round == -1, decision, "a federation is opened once")
            return replace(standing, round=0, began_at=decision.at, since=decision.at)
        case Accepted():
            _require(standing.closed is None, decision, "a round that is over takes no update")
            return _accepted(standing, decision)
        case Refused():
            return _refused(standing, decision)
        case Closed():
            _require(
                decision.round == standing.round and standing.closed is None, decision, "another round is under way"
            )
            return replace(standing, closed=decision)
        case Published():
            return _published(standing, decision)
        case Paused():
            return replace(standing, is_paused=True)
        case Resumed():
            return replace(standing, is_paused=False, since=decision.at)
        case Ended():
            return replace(standing, ended=decision.cause)


def _accepted(standing: Standing, update: Accepted) -> Standing:
    one = standing.participants.get(update.participant, Participant())
    _require(update.number > one.number, update, "an update counts once")
    return _with(
        replace(standing, accepted=(*standing.accepted, update)),
        update.participant,
        replace(
            one,
            number=update.number,
            base=update.base,
            accepted=one.accepted + 1,
            records=update.records,
            staleness=standing.round - update.base,
            last_at=update.at,
            reason="",
        ),
    )


def _refused(standing: Standing, update: Refused) -> Standing:
    one = standing.participants.get(update.participant, Participant())
    number = max(one.number, update.number)
    changed = replace(one, number=number, refused=one.refused + 1, last_at=update.at, reason=update.reason)
    return _with(standing, update.participant, changed)


def _published(standing: Standing, model: Published) -> Standing:
    _require(standing.closed is not None and model.round == standing.round + 1, model, "no round has made this model")
    return replace(
        standing,
        round=model.round,
        accepted=(),
        closed=None,
        since=model.at,
        history=(*standing.history, model.metrics),
    )


def _with(standing: Standing, name: str, one: Participant) -> Standing:
    return replace(standing, participants={**standing.participants, name: one})


def _require(is_so: bool, decision: AnyDecision, why: str) -> None:
    if not is_so:
        raise LogError(f"decision {type(decision).__name__.lower()} cannot stand where it does: {why}")
