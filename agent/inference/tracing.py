"""The spans of a micro-batch: begun for the records that ask for one, ended when their results are delivered."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.clock import Clock
from agent.inference.batch import Arrivals, Departures, InferenceResult, Taken
from agent.traces import Attributes, Span, Traces, parse
from shared.record.headers import TRACEPARENT, Header

_OUTCOMES = (("answer", "answers"), ("degraded", "degraded"), ("forward", "forwards"))


@dataclass(slots=True, kw_only=True)
class Journeys:
    """The spans of one micro-batch, by row."""

    spans: dict[int, Span]
    reasons: dict[int, str]
    rows: dict[bytes, int] = field(default_factory=dict)
    outcomes: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows = {span.traceparent: row for row, span in self.spans.items()}

    def depart(self, departures: Departures) -> None:
        """What becomes of each record; may be said again, as when an uplink is lost."""
        for outcome, records in _OUTCOMES:
            for departure in getattr(departures, records):
                row = self.rows.get(_traceparent(departure.headers) or b"")
                if row is not None:
                    self.outcomes[row] = outcome

    def end(self) -> None:
        for row, span in self.spans.items():
            outcome = self.outcomes.get(row, "dead_letter")
            reason = self.reasons.get(row, "see the dead letter") if outcome == "dead_letter" else ""
            span.end(outcome=outcome, reason=reason)


class Tracing:
    """`about` goes with every span of one workload."""

    def __init__(self, traces: Traces, *, name: str, about: Attributes, clock: Clock) -> None:
        self._traces = traces
        self._name = name
        self._about = about
        self._clock = clock

    def begin(self, taken: Taken, arrivals: Arrivals, result: InferenceResult) -> Journeys:
        """Puts the new spans into the headers that results will carry."""
        now_ns = int(self._clock.now().timestamp() * 1e9)
        began_ns = now_ns - int((self._clock.monotonic() - taken.taken_at) * 1e9)
        models = {row: share.sub_model.id for share in result.shares for row in share.rows}
        spans: dict[int, Span] = {}
        for row, others in enumerate(arrivals.others):
            parent = parse(_traceparent(others))
            if parent is not None:
                about = {**self._about, **_about(taken, arrivals, row), "fogline.model": models.get(row, "")}
                spans[row] = self._traces.begin(self._name, parent, began_ns=began_ns, attributes=about)
                arrivals.others[row] = _with_traceparent(others, spans[row].traceparent)
        reasons = {row: str(error) for row, error in {**arrivals.rejected, **result.failures}.items() if row in spans}
        return Journeys(spans=spans, reasons=reasons)


def _about(taken: Taken, arrivals: Arrivals, row: int) -> Attributes:
    record = taken.records[row]
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
        "fogline.id": arrivals.ids[row].hex(),
    }


def _traceparent(headers: Sequence[Header]) -> bytes | None:
    """The last one, as with every header that is sent twice."""
    return next((value for name, value in reversed(headers) if name == TRACEPARENT), None)


def _with_traceparent(headers: Sequence[Header], traceparent: bytes) -> Sequence[Header]:
    return (*(header for header in headers if header[0] != TRACEPARENT), (TRACEPARENT, traceparent))
