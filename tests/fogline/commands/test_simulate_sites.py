"""`fogline simulate sites`: what is said before anything starts. A whole run is among the end to end tests."""

from pathlib import Path

import pytest

from fogline.cli import run
from tests.simulations.federation.written import TEXT, write

POSSIBLE = TEXT.replace("steps = 2", "epochs = 1")


@pytest.mark.parametrize(
    ("was", "now", "field"),
    [
        ("epochs = 1", "steps = 4", "training.steps"),
        ("sites = 4\n", "sites = 5000\n", "sites"),
        ("strategy = {", 'hostile = { sites = 1, attack = "nan" }\nstrategy = {', "hostile"),
    ],
)
def test_what_no_real_site_can_do_names_its_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], was: str, now: str, field: str
) -> None:
    file = write(tmp_path, POSSIBLE.replace(was, now))
    assert run(["simulate", "sites", str(file), "--out", str(tmp_path / "out")]) == 3
    said = capsys.readouterr()
    assert said.err.startswith(f"fogline: {field}: ")
    assert "starting" not in said.err
