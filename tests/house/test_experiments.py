"""Every field of an experiment file stands in the docs, and every experiment that comes with Fogline is a sound one."""

from pathlib import Path

import msgspec
import pytest

from simulations.experiment import check, files
from simulations.experiment.document import (
    Experiment,
    Fault,
    Link,
    Load,
    Network,
    Planted,
    Search,
    Sustained,
    Sweep,
    Tier,
)
from simulations.experiment.problem import Problem
from simulations.experiment.read import load

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("experiments", "paper") for path in (ROOT / "simulations" / folder).glob("*.toml"))
# The paper shows what replicas do that are given no records.
IDLE_REPLICAS = "the others are given no records"


@pytest.mark.parametrize("document", [Experiment, Network, Planted, Tier, Link, Load, Fault, Sweep, Search, Sustained])
def test_every_field_is_documented(document: type[msgspec.Struct]) -> None:
    text = (ROOT / "docs" / "simulate.md").read_text()
    assert [name for name in document.__struct_encode_fields__ if f"`{name}`" not in text] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_experiment_can_be_run(file: Path) -> None:
    found = load(file)
    problems = (*check.problems(found.experiment), *files.problems(found))
    assert [one for one in problems if not is_wanted(one)] == []


def is_wanted(problem: Problem) -> bool:
    return problem.is_warning and IDLE_REPLICAS in problem.text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_experiment_says_on_top_what_it_asks(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert lines[0].startswith("# ")
    assert max(map(len, lines)) <= 120
