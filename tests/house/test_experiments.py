"""Every field of an experiment file stands in the docs, and every experiment that comes with Fogline is a sound one."""

from pathlib import Path

import msgspec
import pytest

from simulations.experiment.check import problems
from simulations.experiment.document import Experiment, Fault, Link, Load, Network, Sweep, Tier
from simulations.experiment.read import load

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "simulations" / "experiments").glob("*.toml"))


@pytest.mark.parametrize("document", [Experiment, Network, Tier, Link, Load, Fault, Sweep])
def test_every_field_is_documented(document: type[msgspec.Struct]) -> None:
    text = (ROOT / "docs" / "simulate.md").read_text()
    assert [name for name in document.__struct_encode_fields__ if f"`{name}`" not in text] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_experiment_can_be_run(file: Path) -> None:
    assert problems(load(file).experiment) == ()
