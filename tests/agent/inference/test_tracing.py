"""A span for each record that asks for one, in each tier it passes, each the parent of the next."""

from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from agent.opentelemetry_traces import OpenTelemetryTraces
from agent.traces import parse
from shared.record.headers import TRACEPARENT
from simulations.kafka.cluster import KafkaCluster
from tests.agent.inference.arithmetic import TIERS, Arithmetic, record
from tests.agent.inference.tiers import Networks, cluster_of, document, produce, reading, running

SAMPLED = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
UNSAMPLED = SAMPLED[:-1] + b"0"
TRACE_ID, SPAN_ID = 0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7


class Collected:
    """What two tiers on one broker tell of the records they get."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.traces = OpenTelemetryTraces(SimpleSpanProcessor(self._exporter), {})

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def of(self, tier: str) -> ReadableSpan:
        (found,) = (span for span in self.spans if span.attributes["fogline.tier"] == tier)
        return found


async def test_a_record_s_spans_are_a_chain_over_the_tiers_and_its_answer_names_the_last(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, networks, collected = cluster_of(broker), Networks(tmp_path), Collected()
    edge, fog = (networks.add(Arithmetic(tier=tier, version=1)) for tier in TIERS[:2])
    clusters = {"edge": here, "fog": here}
    async with (
        running(document("fog", [fog], clusters, unique), networks, traces=collected.traces) as second,
        running(document("edge", [edge], clusters, unique, upper="fog"), networks, traces=collected.traces) as first,
        reading(here, f"{unique}.answers") as answers,
    ):
        await first.until_running()
        await second.until_running()
        await produce(here, f"{unique}.edge", [record(0.5, 0.9)], headers=[(TRACEPARENT, SAMPLED), ("room", b"7")])
        (answer,) = await answers.until(1)
    below, above = collected.of("edge"), collected.of("fog")
    assert (below.context.trace_id, below.parent.span_id) == (TRACE_ID, SPAN_ID)
    assert (above.context.trace_id, above.parent.span_id) == (TRACE_ID, below.context.span_id)
    assert parse(answer.headers[TRACEPARENT]) == (TRACE_ID, above.context.span_id)
    assert answer.headers["room"] == b"7"
    assert [span.attributes["fogline.outcome"] for span in (below, above)] == ["forward", "answer"]
    assert below.attributes["fogline.id"] == above.attributes["fogline.id"] == answer.prediction.id
    assert below.attributes["messaging.destination.name"] == f"{unique}.edge"
    # Which of the two ends first is up to Kafka: the tier above may have it before the one below has heard so.
    assert below.start_time < below.end_time
    assert below.start_time <= above.start_time < above.end_time


async def test_only_records_that_ask_for_a_span_get_one_and_the_others_pass_as_they_came(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, networks, collected = cluster_of(broker), Networks(tmp_path), Collected()
    edge = networks.add(Arithmetic(tier="edge", version=1))
    quiet = [b"nonsense", UNSAMPLED]
    async with (
        running(document("edge", [edge], {"edge": here}, unique), networks, traces=collected.traces) as node,
        reading(here, f"{unique}.answers") as answers,
    ):
        await node.until_running()
        for traceparent in quiet:
            await produce(here, f"{unique}.edge", [record(0.9)], headers=[(TRACEPARENT, traceparent)])
        await produce(here, f"{unique}.edge", [record(0.9)])
        found = await answers.until(3)
    assert [one.headers.get(TRACEPARENT) for one in found] == [*quiet, None]
    assert collected.spans == []


async def test_a_dead_letter_s_span_says_why_and_the_letter_keeps_the_header_it_had(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, networks, collected = cluster_of(broker), Networks(tmp_path), Collected()
    edge = networks.add(Arithmetic(tier="edge", version=1))
    async with (
        running(document("edge", [edge], {"edge": here}, unique), networks, traces=collected.traces) as node,
        reading(here, f"{unique}.dead") as dead,
    ):
        await node.until_running()
        await produce(here, f"{unique}.edge", [b"short"], headers=[(TRACEPARENT, SAMPLED)])
        (letter,) = await dead.until(1)
    assert letter.headers[TRACEPARENT] == SAMPLED
    span = collected.of("edge")
    assert span.attributes["fogline.outcome"] == "dead_letter"
    assert span.status.status_code is StatusCode.ERROR
    assert "too short" in span.status.description


async def test_without_a_tracing_system_the_header_passes_as_it_came(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here, networks = cluster_of(broker), Networks(tmp_path)
    edge = networks.add(Arithmetic(tier="edge", version=1))
    async with (
        reading(here, f"{unique}.fog") as forwards,
        running(document("edge", [edge], {"edge": here, "fog": here}, unique, upper="fog"), networks) as node,
        reading(here, f"{unique}.answers") as answers,
    ):
        await node.until_running()
        await produce(here, f"{unique}.edge", [record(0.9), record(0.5)], headers=[(TRACEPARENT, SAMPLED)])
        both = [*await answers.until(1), *await forwards.until(1)]
    assert [one.headers[TRACEPARENT] for one in both] == [SAMPLED, SAMPLED]
