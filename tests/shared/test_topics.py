"""Names of topics and groups: nobody but `shared.topics` makes one, and no two things share one by accident."""

import re

from hypothesis import given
from hypothesis import strategies as st

from shared import topics
from shared.documents import Deployment, TierSpec

# As Kafka takes them: nothing else, and at most 249 of it.
LEGAL = re.compile(r"[A-Za-z0-9._-]{1,249}")
TIERS = ("edge", "fog", "cloud")
names = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
prefixes = st.from_regex(r"[A-Za-z0-9._-]{1,40}", fullmatch=True).filter(lambda name: name not in (".", ".."))


def deployment(**changes: object) -> Deployment:
    tiers = tuple(TierSpec(tier=tier, cluster="main") for tier in TIERS)
    return Deployment(**{"name": "net", "model": "net", "tiers": tiers, **changes})  # type: ignore[arg-type]


def made(deployment: Deployment) -> list[str]:
    inputs = [topics.input_topic(deployment, tier) for tier in deployment.tiers]
    return [*inputs, topics.answers_topic(deployment), topics.dead_letter_topic(deployment)]


def test_the_names_are_those_of_the_docs() -> None:
    assert made(deployment()) == [
        "fogline.net.edge",
        "fogline.net.fog",
        "fogline.net.cloud",
        "fogline.net.answers",
        "fogline.net.dead-letters",
    ]
    assert topics.group(deployment(), deployment().tiers[0]) == "fogline.net.edge"


@given(prefixes, names)
def test_whatever_the_prefix_and_the_name_kafka_takes_them(prefix: str, name: str) -> None:
    ours = deployment(topic_prefix=prefix, name=name)
    assert all(LEGAL.fullmatch(topic) for topic in made(ours))
    assert LEGAL.fullmatch(topics.group(ours, ours.tiers[0]))


@given(prefixes, names, names)
def test_two_deployments_share_no_topic_and_no_group(prefix: str, one: str, other: str) -> None:
    first, second = deployment(topic_prefix=prefix, name=one), deployment(topic_prefix=prefix, name=other)
    if one != other:
        assert not set(made(first)) & set(made(second))
        assert topics.group(first, first.tiers[0]) != topics.group(second, second.tiers[0])


def test_a_topic_that_the_deployment_names_is_taken_as_it_is() -> None:
    edge = TierSpec(tier="edge", cluster="main", input_topic="camera-1")
    ours = deployment(tiers=(edge,), answers_topic="answers", dead_letter_topic="rejects")
    assert made(ours) == ["camera-1", "answers", "rejects"]


def test_replicas_of_one_tier_are_one_group_whatever_they_read() -> None:
    """Or a deployment whose input topic is changed would read every record again."""
    plain, named = TierSpec(tier="edge", cluster="main"), TierSpec(tier="edge", cluster="main", input_topic="camera-1")
    assert topics.group(deployment(), plain) == topics.group(deployment(), named)
