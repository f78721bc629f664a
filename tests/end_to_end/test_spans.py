"""Spans of the real agents, as a collector gets them."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from numpy.typing import NDArray
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agent.traces import parse
from shared import topics
from shared.documents import Deployment
from shared.kafka import consumer, producer
from shared.record.headers import TRACEPARENT
from simulations.stack import Stack
from tests.end_to_end.driving import TIERS, deploy, until, with_threshold
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

TRACE_ID, SPAN_ID = bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736"), bytes.fromhex("00f067aa0ba902b7")
FROM_THE_SENSOR = f"00-{TRACE_ID.hex()}-{SPAN_ID.hex()}-01".encode()


@dataclass(slots=True)
class Collector:
    """An OTLP/HTTP collector, and every span it got."""

    url: str = ""
    spans: list[Any] = field(default_factory=list)

    def by_tier(self) -> dict[str, Any]:
        return {tier: span for span in self.spans if (tier := attributes(span).get("fogline.tier"))}


def attributes(span: Any) -> dict[str, str]:  # noqa: ANN401 - protobuf's messages are made at run time
    return {one.key: one.value.string_value for one in span.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = ExportTraceServiceRequest.FromString(body)
            if self.path == "/v1/traces":
                scopes = (scope for resource in request.resource_spans for scope in resource.scope_spans)
                collector.spans += [span for scope in scopes for span in scope.spans]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the test's output."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield collector
        server.shutdown()
        serving.join()


async def test_a_record_is_followed_over_three_tiers_by_whoever_began_its_trace(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any], collector: Collector
) -> None:
    """1. agents are told of a collector; 2. a record that every exit passes on is sent with a `traceparent`; 3. the
    collector has a span of each tier, each the parent of the next, and the answer names the last."""
    for tier in TIERS:
        stack.programs[f"{tier}-1"].stop()
        stack.start_agent(f"{tier}-1", "--otel-endpoint", collector.url)
    deploy(stack, with_threshold(with_threshold(deployment, "edge", 1.0), "fog", 1.0))
    async with producer(traffic.cluster) as sensor:
        headers = [(TRACEPARENT, FROM_THE_SENSOR)]
        await sensor.send_and_wait(traffic.input_topic, images[0].tobytes(), headers=headers)
    answer = await first_answer(traffic)
    await until(lambda: len(collector.by_tier()) == len(TIERS))
    edge, fog, cloud = (collector.by_tier()[tier] for tier in TIERS)
    assert {span.trace_id for span in (edge, fog, cloud)} == {TRACE_ID}
    assert [span.parent_span_id for span in (edge, fog, cloud)] == [SPAN_ID, edge.span_id, fog.span_id]
    assert [attributes(span)["fogline.outcome"] for span in (edge, fog, cloud)] == ["forward", "forward", "answer"]
    named = parse(answer[TRACEPARENT])
    assert named is not None
    assert named.span_id.to_bytes(8, "big") == cloud.span_id


async def first_answer(traffic: Traffic) -> dict[str, bytes]:
    """Its headers."""
    async with consumer(traffic.cluster, group=None) as reader:
        reader.subscribe([topics.answers_topic(traffic.deployment)])
        return dict((await reader.getone()).headers)
