"""The thinnest whole path: bytes in at the edge, an answer to every record, from the tier that was sure."""

import json
from typing import Any

import pytest
from numpy.typing import NDArray

from shared import topics
from shared.documents import Deployment
from shared.kafka import consumer
from simulations.demo.feed import Sample
from simulations.stack import Stack
from tests.end_to_end.driving import deploy
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


async def test_every_record_is_answered_once_by_the_tier_that_was_sure(
    stack: Stack, deployment: Deployment, traffic: Traffic, sample: Sample, images: NDArray[Any]
) -> None:
    """1. deploy; 2. send 400 images; 3. each has one answer, mostly right, its trail that of its tier."""
    deploy(stack, deployment)
    ids = await traffic.send(image.tobytes() for image in images[:400])
    outcome = await traffic.outcome(ids, settle_s=0.5)
    assert not outcome.doubled()
    assert not outcome.dead_letters
    answers = [outcome.answers[record_id][0] for record_id in ids]
    assert {answer.tier for answer in answers} == {"edge", "fog", "cloud"}
    right = sum(answer.class_ == label for answer, label in zip(answers, sample.labels[:400], strict=True))
    assert right / 400 > 0.85
    for answer in answers:
        assert [entry.node for entry in answer.trail] == [f"{tier}-1" for tier in TRAILS[answer.tier]]
        assert not answer.degraded


async def test_a_producer_that_sends_only_bytes_gets_what_kafka_ml_clients_read(
    stack: Stack, deployment: Deployment, traffic: Traffic, images: NDArray[Any]
) -> None:
    deploy(stack, deployment)
    await traffic.send_bytes_only([image.tobytes() for image in images[:20]])
    client = consumer(traffic.cluster, group=None)
    client.subscribe([topics.answers_topic(deployment)])
    await client.start()
    try:
        read: list[dict[str, Any]] = []
        while len(read) < 20:
            read += [json.loads(one.value) for some in (await client.getmany(timeout_ms=50)).values() for one in some]
    finally:
        await client.stop()
    assert all(len(answer["values"]) == 10 and abs(sum(answer["values"]) - 1) < 0.02 for answer in read)
    assert len({answer["id"] for answer in read}) == 20


TRAILS = {"edge": ("edge",), "fog": ("edge", "fog"), "cloud": ("edge", "fog", "cloud")}
