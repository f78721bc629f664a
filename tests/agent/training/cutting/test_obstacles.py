"""Where no cutting is possible, one line says what was not measured or does not fit."""

from typing import Any

import pytest

from agent.training.cutting.bottleneck import most_records
from agent.training.cutting.latency import fastest
from agent.training.cutting.outcome import evaluate
from shared.errors import DocumentError
from tests.agent.training.cutting.profiles import EXAMPLE, example

EDGE, FOG, CLOUD = EXAMPLE["tiers"]
WAN = EXAMPLE["links"][1]


def two(edge: dict[str, Any], cloud: dict[str, Any]) -> dict[str, Any]:
    return {"tiers": [edge, cloud], "links": [WAN]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            two(EDGE, {"name": "cloud"}),
            "no cutting is possible: from the input to the output on tier 'cloud' was not measured; "
            "from 'pool1' to the output on tier 'cloud' was not measured; "
            "from the input to the output on tier 'edge' was not measured",
        ),
        (
            two({"name": "edge"}, CLOUD | {"memory_bytes": 5, "segments": [{"time_s": 1, "parameters_bytes": 7}]}),
            "from the input to the output on tier 'cloud' needs 7 bytes of the 5 there are",
        ),
        (
            two(EDGE | {"heads": [], "can_be_left_out": False}, CLOUD),
            "tier 'edge' must run a part, but from the input to the output on tier 'edge' was not measured; from the "
            "input to 'pool2' on tier 'edge' was measured without the head of its exit; from the input to 'pool1'",
        ),
        (
            two(
                {"name": "edge", "segments": [{"time_s": 1}], "can_be_left_out": False},
                {"name": "cloud", "can_be_left_out": False},
            ),
            "tier 'cloud' must run a part, but no layer is left for it",
        ),
        ({"tiers": [{"name": name} for name in "abcde"], "links": [WAN] * 4}, "; and 2 more"),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], reason: str) -> None:
    for search in (fastest, most_records):
        with pytest.raises(DocumentError) as caught:
            search(example(**changes))
        assert reason in caught.value.reason
        assert caught.value.field == "tiers"


def test_a_load_that_nothing_holds_is_told_apart_from_what_is_missing() -> None:
    with pytest.raises(DocumentError, match=r"each keeps a tier or a link busy for more than 0\.001 s a record"):
        fastest(example(), busy_limit_s=0.001)


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        ({"edge": "pool2", "cloud": None}, "from the input to 'pool2' on tier 'edge' needs 60000 bytes of the 50000"),
        ({"edge": "pool1", "fog": None}, "from 'pool1' to the output on tier 'fog' was not measured"),
        ({"edge": "pool1"}, "no tier runs the network to its output"),
        ({"edge": "pool9", "cloud": None}, "no cut is called 'pool9'"),
        ({"edge": "pool1", "sky": None}, "no tier is called 'sky'"),
        ({"edge": "pool1", "fog": "pool1", "cloud": None}, "tier 'fog' would run no layer"),
        ({"edge": "pool2", "fog": "pool1", "cloud": None}, "tier 'fog' would run no layer"),
    ],
)
def test_a_cutting_that_is_none_is_refused(until: dict[str, str | None], reason: str) -> None:
    with pytest.raises(DocumentError) as caught:
        evaluate(example(tiers=[EDGE, FOG, CLOUD]), until)
    assert reason in caught.value.reason


def test_a_tier_that_must_run_a_part_cannot_be_left_out_of_a_given_cutting() -> None:
    with pytest.raises(DocumentError, match="tier 'fog' must run a part"):
        evaluate(example(tiers=[EDGE, FOG | {"can_be_left_out": False}, CLOUD]), {"edge": "pool1", "cloud": None})
