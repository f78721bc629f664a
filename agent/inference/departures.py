"""From what was inferred to what must be sent: answers, features for the upper tier, dead letters. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from agent.inference.batch import Arrivals, Consumed, Departure, Departures, InferenceResult, Inferred
from agent.inference.dead_letters import dead_letter
from agent.inference.exits import Decision, decide
from shared.documents import ExitPolicy, FeaturesEncoding
from shared.errors import RecordError
from shared.record import headers, trail
from shared.record.prediction import encode_predictions
from shared.record.tensor import encode_batch
from shared.record.trail import Passing

T = TypeVar("T")
_PORTION = 32
_NOT_FINITE = RecordError("the sub-model's output holds NaN or an infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may change between two micro-batches without a reload. `features` None: there is no upper tier."""

    policy: ExitPolicy | None
    features: FeaturesEncoding | None
    degrades: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Readings of this node's clocks. Monotonic ones in microseconds; `now_us` since the epoch."""

    node: str
    boot_id: bytes
    received_us: int
    inferred_us: int
    sent_us: int
    now_us: int

    def passing(self, version: int) -> Passing:
        return Passing(
            node=self.node,
            boot_id=self.boot_id,
            version=version,
            received_us=self.received_us,
            inferred_us=self.inferred_us,
            sent_us=self.sent_us,
        )


@dataclass(frozen=True, slots=True)
class _Case:
    """One share with everything known of it."""

    records: Sequence[Consumed]
    arrivals: Arrivals
    inferred: Inferred
    decision: Decision
    moment: Moment

    def rows(self, indexes: Sequence[int]) -> list[int]:
        rows = self.inferred.rows
        return [rows[index] for index in indexes]


def depart(
    records: Sequence[Consumed], arrivals: Arrivals, result: InferenceResult, rules: Rules, moment: Moment
) -> Departures:
    """With `rules.degrades`, what would have been forwarded is answered here and marked, where an exit can."""
    departures = Departures()
    rejected = {**arrivals.rejected, **result.failures}
    for inferred in result.shares:
        case = _Case(records, arrivals, inferred, _decision(inferred, rules), moment)
        rejected.update(dict.fromkeys(case.rows(case.decision.failed), _NOT_FINITE))
        _depart(case, rules, departures)
    departures.dead_letters = [
        dead_letter(records[row], id=arrivals.ids[row], reason=str(rejected[row])) for row in sorted(rejected)
    ]
    return departures


def _depart(case: _Case, rules: Rules, departures: Departures) -> None:
    exit, features = case.inferred.outputs
    decision = case.decision
    if exit is not None:
        departures.answers += _answers(case, decision.answered, exit, degraded=False)
        if rules.degrades:
            departures.degraded += _answers(case, decision.unsure, exit, degraded=True)
            return
    if features is not None and rules.features is not None:
        departures.forwards += _forwards(case, decision.unsure, features, rules.features)


def _of(array: NDArray[Any], chosen: Sequence[int]) -> NDArray[Any]:
    return array if len(chosen) == len(array) else array[chosen]


def _each(entries: Sequence[T] | None, chosen: Sequence[int]) -> Sequence[T | None]:
    return [None] * len(chosen) if entries is None else [entries[index] for index in chosen]


def _decision(inferred: Inferred, rules: Rules) -> Decision:
    exit = inferred.outputs.exit
    if exit is None:
        return Decision([], list(range(len(inferred.rows))), [], None, None)
    is_last = rules.features is None or not inferred.has_features
    return decide(exit, rules.policy, is_last=is_last, task=inferred.sub_model.version.task)


def _answers(case: _Case, chosen: Sequence[int], exit: NDArray[Any], *, degraded: bool) -> list[Departure]:
    if not chosen:
        return []
    arrivals, decision = case.arrivals, case.decision
    rows = case.rows(chosen)
    ids = [arrivals.ids[row] for row in rows]
    texts = encode_predictions(
        case.inferred.sub_model.answerer,
        ids=ids,
        outputs=_of(exit, chosen),
        classes=_each(decision.classes, chosen),
        confidences=_each(decision.confidence, chosen),
        latencies_ms=[max(0.0, (case.moment.now_us - arrivals.times_us[row]) / 1000) for row in rows],
        trails=_trails(case, rows, chosen),
        degraded=degraded,
    )
    for_answer = headers.for_answer
    return [
        Departure(case.records[row].key, text, for_answer(arrivals.others[row], id=id, time_us=arrivals.times_us[row]))
        for row, id, text in zip(rows, ids, texts, strict=True)
    ]


def _forwards(
    case: _Case, chosen: Sequence[int], features: NDArray[Any], encoding: FeaturesEncoding
) -> list[Departure]:
    """In portions: encoding needs a few times the memory of what it encodes."""
    portions = range(0, len(chosen), _PORTION)
    return [one for at in portions for one in _portion(case, chosen[at : at + _PORTION], features, encoding)]


def _portion(case: _Case, chosen: Sequence[int], features: NDArray[Any], encoding: FeaturesEncoding) -> list[Departure]:
    arrivals, version = case.arrivals, case.inferred.sub_model.id
    rows = case.rows(chosen)
    values, tensors = encode_batch(_of(features, chosen), encoding)
    trails = _trails(case, rows, chosen)
    for_forward = headers.for_forward
    return [
        Departure(
            case.records[row].key,
            value,
            for_forward(
                arrivals.others[row],
                id=arrivals.ids[row],
                time_us=arrivals.times_us[row],
                tensor=tensor,
                model=version,
                trail=passed,
            ),
        )
        for row, value, tensor, passed in zip(rows, values, tensors, trails, strict=True)
    ]


def _trails(case: _Case, rows: Sequence[int], chosen: Sequence[int]) -> list[bytes]:
    passing = case.moment.passing(case.inferred.sub_model.version.version)
    confidences = _each(case.decision.confidence, chosen)
    return trail.append_all([case.arrivals.trails[row] for row in rows], passing, confidences)
