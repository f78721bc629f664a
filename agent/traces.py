"""Where the way of single records is told to a tracing system, when the operator has named one.

A record that carries a sampled W3C `traceparent` becomes a span for each tier it passes, a child of the span that its
header names; the header that goes on names the tier's own. Without a tracing system the header passes as it came.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from shared.errors import UnavailableError
from shared.importing import importing

# Later versions may say more behind the flags, and begin as this one does.
_TRACEPARENT = re.compile(rb"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 0x01
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

Attributes = Mapping[str, str | int]


class Parent(NamedTuple):
    """The span that a record's header names."""

    trace_id: int
    span_id: int


class Span(Protocol):
    """One record in one tier. `traceparent` is the header to send on."""

    @property
    def traceparent(self) -> bytes: ...

    def end(self, *, outcome: str, reason: str) -> None:
        """`reason` is empty unless something went wrong."""
        ...


class Traces(Protocol):
    def begin(self, name: str, parent: Parent, *, began_ns: int, attributes: Attributes) -> Span:
        """`began_ns` since the epoch."""
        ...

    def close(self) -> None:
        """Deliver what is left, for a few seconds at most."""
        ...


def parse(traceparent: bytes | None) -> Parent | None:
    """None for what is missing, damaged, or not sampled, which asks for no span."""
    match = _TRACEPARENT.fullmatch(traceparent or b"")
    if match is None or (match[1] == b"00" and match[5]):
        return None
    trace_id, span_id, flags = (int(part, 16) for part in match.group(2, 3, 4))
    return Parent(trace_id, span_id) if trace_id and span_id and flags & _SAMPLED else None


def is_wanted(endpoint: str | None, environ: Mapping[str, str]) -> bool:
    """By our own setting, or by the variables that every program with OpenTelemetry goes by."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return bool(endpoint) or any(environ.get(name) for name in _ENDPOINTS)


@contextmanager
def open_traces(endpoint: str | None, environ: Mapping[str, str]) -> Iterator[Traces | None]:
    """None where nobody wants them: then OpenTelemetry is not even imported. Raises UnavailableError without it."""
    if not is_wanted(endpoint, environ):
        yield None
        return
    try:
        with importing():
            from agent.opentelemetry_traces import OpenTelemetryTraces
    except ImportError as error:
        raise UnavailableError(f"spans need OpenTelemetry ({error}): pip install 'fogline[otel]'") from error
    traces = OpenTelemetryTraces.to_collector(endpoint, environ)
    try:
        yield traces
    finally:
        traces.close()
