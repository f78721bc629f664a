"""Profiles are read from JSON, and refused with the place of the mistake."""

from typing import Any

import pytest

from agent.training.cutting.network import Profile
from shared.documents.codec import decode, encode
from shared.errors import DocumentError
from tests.agent.training.cutting.profiles import EXAMPLE, example

EDGE, FOG, CLOUD = EXAMPLE["tiers"]
POOL1, POOL2 = EXAMPLE["network"]["cuts"]
FAST = {"bytes_per_s": 1e6}


def edge(**changes: object) -> dict[str, Any]:
    return {"tiers": [EDGE | changes, FOG, CLOUD]}


def test_a_profile_comes_back_as_it_was_written() -> None:
    assert decode(encode(example()), Profile) == example()


def test_a_network_without_cuts_or_links_is_a_network() -> None:
    alone = {"network": {"input_bytes": 1}, "tiers": [{"name": "cloud", "segments": [{"time_s": 1}]}]}
    assert decode(encode(alone), Profile).network.end == 1


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        (edge(segments=[{"until": "pool9", "time_s": 1}]), "tiers[0].segments[0].until", "'pool9'"),
        (edge(segments=[{"after": "pool9", "time_s": 1}]), "tiers[0].segments[0].after", "'pool9'"),
        (
            edge(segments=[{"after": "pool2", "until": "pool1", "time_s": 1}]),
            "tiers[0].segments[0]",
            "'pool1' does not lie above 'pool2'",
        ),
        (edge(segments=[EDGE["segments"][0]] * 2), "tiers[0].segments[1]", "a time already"),
        (edge(segments=[{"until": "pool1", "time_s": -1}]), "tiers[0].segments[0].time_s", ">= 0"),
        (edge(segments=[{"until": "pool1"}]), "tiers[0].segments[0]", "`time_s`"),
        (edge(heads=[{"cut": "pool9", "time_s": 1}]), "tiers[0].heads[0].cut", "'pool9'"),
        (edge(heads=[EDGE["heads"][0]] * 2), "tiers[0].heads[1].cut", "a time already"),
        (edge(nodes=0), "tiers[0].nodes", ">= 1"),
        (edge(memory="1 MB"), "tiers[0]", "`memory`"),
        ({"tiers": [EDGE, EDGE, CLOUD]}, "tiers", "a tier twice"),
        ({"tiers": []}, "tiers", "length >= 1"),
        ({"links": [FAST]}, "links", "3 tiers have 2 links between them, not 1"),
        ({"links": [FAST, {"bytes_per_s": 0}]}, "links[1].bytes_per_s", ">= 1"),
        ({"alive": {"pool1": 0.3}}, "alive", "after the exit at 'pool2' is missing"),
        ({"alive": {"pool1": 0.3, "pool2": 0.4}}, "alive", "more records go on after 'pool2' (0.4) than after 'pool1'"),
        ({"alive": {"pool1": 0.3, "pool2": 0.2, "pool3": 0.1}}, "alive", "'pool3'"),
        ({"alive": {"pool1": 1.3, "pool2": 0.2}}, "alive[...]", "<= 1"),
        ({"network": {"input_bytes": 1, "cuts": [POOL1, POOL1]}}, "network", "a layer twice"),
        ({"network": {"input_bytes": 1, "cuts": [POOL1 | {"name": ""}, POOL2]}}, "network.cuts[0].name", "length >= 1"),
    ],
)
def test_a_mistake_is_told_with_its_place(changes: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        example(**changes)
    assert (caught.value.field, reason in caught.value.reason) == (field, True), str(caught.value)
