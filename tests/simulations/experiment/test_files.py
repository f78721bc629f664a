from pathlib import Path

import pytest

from simulations.experiment import files
from simulations.experiment.read import load
from tests.simulations.experiment.written import TWO_TIERS


def told(text: str, folder: Path) -> dict[str, str]:
    (folder / "experiment.toml").write_text(text)
    return {problem.field: problem.text for problem in files.problems(load(folder / "experiment.toml"))}


def test_the_built_in_network_and_no_trace_are_no_problem(tmp_path: Path) -> None:
    assert told(TWO_TIERS, tmp_path) == {}


def test_a_trace_that_only_a_cell_names_is_looked_for(tmp_path: Path) -> None:
    sweep = (
        '[[sweep.list]]\nload.arrivals = "trace"\nload.trace = "gone.txt"\n[[sweep.list]]\nload.trace = "gone.txt"\n'
    )
    assert "gone.txt cannot be read" in told(TWO_TIERS + sweep, tmp_path)["load.trace"]


def test_an_example_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere" in told(TWO_TIERS + '[network]\nexample = "nowhere"\n', tmp_path)["network.example"]


def test_a_damaged_example_is_told(tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged/manifest.json").write_text("{")
    assert "not JSON" in told(TWO_TIERS + '[network]\nexample = "damaged"\n', tmp_path)["network.example"]


@pytest.mark.parametrize("name", ["attic", "mist"])
def test_a_tier_needs_a_sub_model_of_its_name(tmp_path: Path, name: str) -> None:
    found = told(TWO_TIERS.replace('name = "edge"', f'name = "{name}"'), tmp_path)
    assert "has no sub-model in fashion-mnist" in found[f"tiers.{name}"]


def test_a_precision_needs_an_artifact(tmp_path: Path) -> None:
    found = told(TWO_TIERS.replace('name = "cloud"', 'name = "cloud"\nprecision = "float16"'), tmp_path)
    assert "no float16 artifact" in found["tiers.cloud.precision"]
