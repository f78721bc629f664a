"""The second example: two tiers, JSON records, nothing of an image. What is not the JSON expected costs nobody else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from shared.client import read_manifest
from shared.documents import Decoder, DecoderKind, Deployment, ExitPolicy, TierSpec
from simulations.demo.example import ROOT
from simulations.kafka.cluster import KafkaCluster
from simulations.stack import Stack
from tests.end_to_end.driving import deploy, undeploy_all
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FOLDER = ROOT / "examples/sensor"
THRESHOLD = 0.7
# Both in evaluation.json, for the sample at this threshold.
RIGHT, AT_THE_EDGE = 0.9775, 0.8


@pytest.fixture(scope="module")
def stack(broker: KafkaCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    agents = {"edge-1": {"tier": "edge"}, "cloud-1": {"tier": "cloud"}}
    directory = tmp_path_factory.mktemp("sensor")
    with Stack(directory, agents=agents, bootstrap_servers=broker.bootstrap_servers) as stack:
        with stack.client() as client:
            client.clusters.put(stack.cluster("edge"))
            client.models.register(*read_manifest(FOLDER))
        yield stack


@pytest.fixture(autouse=True)
def nothing_stays_deployed(stack: Stack) -> Iterator[None]:
    yield
    undeploy_all(stack)


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "sample.jsonl").read_text().splitlines()]


@pytest.fixture
def deployment(unique: str) -> Deployment:
    return Deployment(
        name=unique,
        model="machine-vibrations",
        decoder=Decoder(kind=DecoderKind.JSON, field="vibration"),
        tiers=(
            TierSpec(tier="edge", cluster="edge", exit=ExitPolicy(threshold=THRESHOLD)),
            TierSpec(tier="cloud", cluster="edge"),
        ),
    )


async def test_every_window_is_answered_as_well_as_the_example_says(
    stack: Stack, deployment: Deployment, traffic: Traffic, lines: list[dict[str, Any]]
) -> None:
    deploy(stack, deployment)
    ids = await traffic.send(json.dumps(line["record"]).encode() for line in lines)
    outcome = await traffic.outcome(ids, settle_s=0.5)
    assert not outcome.dead_letters
    assert not outcome.doubled()
    answers = [outcome.answers[record_id][0] for record_id in ids]
    right = sum(answer.label == line["label"] for answer, line in zip(answers, lines, strict=True))
    assert right / len(lines) == pytest.approx(RIGHT, abs=0.01)
    edge = sum(answer.tier == "edge" for answer in answers)
    assert edge / len(lines) == pytest.approx(AT_THE_EDGE, abs=0.05)
    assert {answer.tier for answer in answers} == {"edge", "cloud"}


NUMBERS = [[0.0, 0.0]] * 64
BAD = {
    b"": "not the JSON expected",
    b"{": "not the JSON expected",
    b"\xff\xfe": "not the JSON expected",
    b"[" * 100_000: "not the JSON expected",
    b"[[0, 0]]": "not the JSON expected",
    json.dumps({"other": NUMBERS}).encode(): "vibration",
    json.dumps({"vibration": NUMBERS[1:]}).encode(): "shape",
    json.dumps({"vibration": [[0.0, 0.0, 0.0]] * 64}).encode(): "shape",
    json.dumps({"vibration": [*NUMBERS[1:], [0.0]]}).encode(): "shape",
    json.dumps({"vibration": [*NUMBERS[1:], ["1", "2"]]}).encode(): "float",
    json.dumps({"vibration": [*NUMBERS[1:], [True, None]]}).encode(): "float",
    json.dumps({"vibration": [*NUMBERS[1:], [1e39, 0]]}).encode(): "infinity",
    b'{"vibration": [[NaN, 0]]}': "not the JSON expected",
    b'{"vibration": ' + b"9" * 5000 + b"}": "not the JSON expected",
}


async def test_what_is_not_the_json_expected_is_given_up_and_the_next_record_is_answered(
    stack: Stack, deployment: Deployment, traffic: Traffic, lines: list[dict[str, Any]]
) -> None:
    deploy(stack, deployment)
    good = json.dumps(lines[0]["record"]).encode()
    ids = await traffic.send([value for bad in BAD for value in (bad, good)])
    outcome = await traffic.outcome(ids, settle_s=0.5)
    assert set(outcome.answers) == set(ids[1::2])
    assert set(outcome.dead_letters) == set(ids[::2])
    for record_id, (value, reason) in zip(ids[::2], BAD.items(), strict=True):
        assert reason in outcome.dead_letters[record_id][0], value[:80]


async def test_the_field_of_the_decoder_may_be_changed(
    stack: Stack, deployment: Deployment, traffic: Traffic, lines: list[dict[str, Any]]
) -> None:
    """A change that a running workload cannot take: it starts anew, and goes on where it was."""
    deploy(stack, deployment)
    before = await traffic.send([json.dumps(lines[0]["record"]).encode()] * 10)
    await traffic.outcome(before)
    deploy(stack, replace(deployment, decoder=Decoder(kind=DecoderKind.JSON)))
    after = await traffic.send([json.dumps(lines[0]["record"]["vibration"]).encode()] * 10)
    outcome = await traffic.outcome([*before, *after], settle_s=0.5)
    assert set(outcome.answers) == {*before, *after}
    assert not outcome.doubled()
