"""A user's augment: as many of the same kind, or one line with its place."""

import sys
from collections.abc import Iterator
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from agent.training.fitting.augmentation import Augment, augmentation
from shared.errors import ModelError

INPUTS = np.zeros((4, 2), np.uint8)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "network.py"
    sys.modules.pop("made_for_augmentation", None)


def loaded(file: Path, source: str) -> Augment | None:
    """As a network's file is loaded."""
    file.write_text(source)
    spec = util.spec_from_file_location("made_for_augmentation", file)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules["made_for_augmentation"] = module
    spec.loader.exec_module(module)
    return augmentation(file)


@pytest.mark.parametrize(
    ("returned", "line", "why"),
    [
        ("inputs[:3]", 1, "returns uint8 [3, 2] of uint8 [4, 2]: return as many of the same shape and type"),
        ("inputs / 2", 1, "returns float64 [4, 2] of uint8 [4, 2]: return as many of the same shape and type"),
        ("list(inputs)", 1, "returns list: return an array of numpy, inputs as they are to be"),
        ("inputs.nothing", 2, "fails: AttributeError: "),
    ],
)
def test_a_mistake_is_one_line_with_its_place(file: Path, returned: str, line: int, why: str) -> None:
    augment = loaded(file, f"def augment(inputs, rng):\n    return {returned}\n")
    assert augment is not None
    with pytest.raises(ModelError) as raised:
        augment(INPUTS, np.random.default_rng(0))
    assert str(raised.value).startswith(f"{file}:{line}: augment(inputs, rng) {why}")
    assert "\n" not in str(raised.value)


def test_what_it_returns_is_learnt_from(file: Path) -> None:
    augment = loaded(file, "def augment(inputs, rng):\n    return inputs + rng.integers(1, 9, inputs.shape, 'uint8')\n")
    assert augment is not None
    assert (augment(INPUTS, np.random.default_rng(0)) > 0).all()


def test_a_file_need_not_have_one_but_it_must_be_a_function(file: Path) -> None:
    assert loaded(file, "") is None
    assert loaded(file, "augment = None") is None
    with pytest.raises(ModelError, match=r"network\.py:1: augment is no function"):
        loaded(file, "augment = 3")
