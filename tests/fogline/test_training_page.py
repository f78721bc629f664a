"""What the page on training says is complete."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from shared.documents import (
    Configuration,
    Export,
    ExportForm,
    Online,
    Optimiser,
    PseudoLabels,
    Rates,
    RunState,
    Task,
    TierCut,
    TrainingParameters,
    TrainingRequest,
    decode,
    encode,
)

PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text()
DOCUMENTS = [
    TrainingRequest,
    TrainingParameters,
    Optimiser,
    Rates,
    Export,
    TierCut,
    ExportForm,
    PseudoLabels,
    Online,
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_field_of_a_request_is_documented(document: type[msgspec.Struct]) -> None:
    assert [name for name in document.__struct_encode_fields__ if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("word", [*RunState, *Task], ids=str)
def test_every_state_and_task_is_documented(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_example_of_a_request_is_one() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    request = decode(encode(tomllib.loads(text)), TrainingRequest)
    assert (request.configuration, [one.tier for one in request.export.tiers]) == ("digits", ["edge", "cloud"])


def test_a_configuration_is_made_of_what_the_page_says() -> None:
    assert decode(encode({"name": "digits", "networks": ["small", "large"]}), Configuration).networks
