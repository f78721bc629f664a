"""Spans by OpenTelemetry, sent in batches by a thread of its own: a slow collector costs spans, never records."""

import threading
from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from agent.traces import Attributes, Parent, Span

_CLOSE_WITHIN_S = 3.0


class OpenTelemetryTraces:
    """Satisfies `agent.traces.Traces`. `environ` may hold what OpenTelemetry itself documents, all of it."""

    def __init__(self, processor: SpanProcessor, environ: Mapping[str, str]) -> None:
        named = {} if environ.get("OTEL_SERVICE_NAME") else {"service.name": "fogline-agent"}
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("fogline.agent")

    @classmethod
    def to_collector(cls, endpoint: str | None, environ: Mapping[str, str]) -> "OpenTelemetryTraces":
        """`endpoint` is the collector's base URL; None leaves it to the variables."""
        url = None if endpoint is None else f"{endpoint.rstrip('/')}/v1/traces"
        return cls(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)), environ)

    def begin(self, name: str, parent: Parent, *, began_ns: int, attributes: Attributes) -> Span:
        context = SpanContext(
            parent.trace_id, parent.span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
        )
        return _OpenSpan(
            self._tracer.start_span(
                name,
                trace.set_span_in_context(NonRecordingSpan(context)),
                kind=SpanKind.CONSUMER,
                attributes=attributes,
                start_time=began_ns,
            )
        )

    def close(self) -> None:
        # Its own patience with a collector that does not answer is longer than a person's with Ctrl-C.
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_WITHIN_S)


class _OpenSpan:
    def __init__(self, span: Any) -> None:  # noqa: ANN401 - OpenTelemetry is not type-checked here
        self._span = span

    @property
    def traceparent(self) -> bytes:
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}".encode()

    def end(self, *, outcome: str, reason: str) -> None:
        self._span.set_attribute("fogline.outcome", outcome)
        if reason:
            self._span.set_status(Status(StatusCode.ERROR, reason))
        self._span.end()
