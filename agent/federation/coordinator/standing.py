"""How a federation stands: what its log of decisions amounts to. Pure; a replay of the log gives the same again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean

from agent.federation.coordinator.decisions import (
    Accepted,
    AnyDecision,
    Cause,
    Closed,
    Ended,
    Led,
    Noised,
    Opened,
    Paused,
    Published,
    Refused,
    Resumed,
)
from shared.errors import FoglineError

MOST_MODELS = 1000
MOST_NAMED = 100


class LogError(FoglineError):
    """A decision that cannot follow on those before it: the log is damaged, or of another federation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """`number`: its latest update that was decided on, `offset`: of the manifest. `base`: the round its latest accepted
    one started from, `records`: of that one, `total_records`: of all that were accepted.
    """

    number: int = 0
    offset: int = -1
    base: int = -1
    accepted: int = 0
    refused: int = 0
    records: int = 0
    total_records: int = 0
    staleness: int = 0
    last_at: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What made a global model, `updates` of them, and what it is worth. `site_metrics`: means over the updates.

    `staleness`: of each update by its participant, empty where they are more than a few: a thousand models are told of.
    """

    round: int
    at: float
    updates: int
    metrics: Mapping[str, float]
    site_metrics: Mapping[str, float]
    staleness: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`round`, `model`: of the newest model and its digest, -1 before the first. `accepted`: in the round under way, in
    their order.

    `closed`: a round is over, its model not published yet, `is_noised` or not. `since`: when the round under way began,
    or went on after a pause. `history`: metrics of every model, from round 1 on; `models`: more of the latest.
    `led_by`: the coordinator whose word counts.
    """

    led_by: str = ""
    round: int = -1
    model: str = ""
    accepted: tuple[Accepted, ...] = ()
    closed: Closed | None = None
    is_noised: bool = False
    began_at: float | None = None
    since: float = 0.0
    participants: Mapping[str, Participant] = field(default_factory=dict)
    history: tuple[Mapping[str, float], ...] = ()
    models: tuple[Model, ...] = ()
    is_paused: bool = False
    ended: Cause | None = None


def after(standing: Standing, decision: AnyDecision) -> Standing:
    """Raises LogError."""
    match decision:
        case Led():
            return replace(standing, led_by=decision.by)
        case Opened():
            _require(standing.round == -1, decision, "a federation is opened once")
            return replace(standing, round=0, model=decision.model, began_at=decision.at, since=decision.at)
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
        case Noised():
            is_due = standing.closed is not None and standing.closed.round == decision.round and not standing.is_noised
            _require(is_due, decision, "no round has made a model that waits for noise")
            return replace(standing, is_noised=True)
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
            offset=update.offset,
            base=update.base,
            accepted=one.accepted + 1,
            records=update.records,
            total_records=one.total_records + update.records,
            staleness=standing.round - update.base,
            last_at=update.at,
            reason="",
        ),
    )


def _refused(standing: Standing, update: Refused) -> Standing:
    one = standing.participants.get(update.participant, Participant())
    number = max(one.number, update.number)
    changed = replace(
        one,
        number=number,
        offset=update.offset,
        refused=one.refused + 1,
        last_at=update.at,
        reason=update.reason,
    )
    return _with(standing, update.participant, changed)


def _published(standing: Standing, model: Published) -> Standing:
    _require(standing.closed is not None and model.round == standing.round + 1, model, "no round has made this model")
    return replace(
        standing,
        round=model.round,
        model=model.model,
        accepted=(),
        closed=None,
        is_noised=False,
        since=model.at,
        history=(*standing.history, model.metrics),
        models=(*standing.models, _made(standing, model))[-MOST_MODELS:],
    )


def _made(standing: Standing, model: Published) -> Model:
    said: dict[str, list[float]] = {}
    for update in standing.accepted:
        for name, value in sorted(update.metrics.items()):
            said.setdefault(name, []).append(value)
    return Model(
        round=model.round,
        at=model.at,
        updates=len(standing.accepted),
        metrics=model.metrics,
        site_metrics={name: fmean(values) for name, values in said.items()},
        staleness=_staleness(standing) if len(standing.accepted) <= MOST_NAMED else {},
    )


def _staleness(standing: Standing) -> dict[str, int]:
    return {update.participant: standing.round - update.base for update in standing.accepted}


def _with(standing: Standing, name: str, one: Participant) -> Standing:
    return replace(standing, participants={**standing.participants, name: one})


def _require(is_so: bool, decision: AnyDecision, why: str) -> None:
    if not is_so:
        raise LogError(f"decision {type(decision).__name__.lower()} cannot stand where it does: {why}")
