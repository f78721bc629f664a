"""docs/cuts-and-exits.md shows what its commands print, and its files are those beside it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from agent.training.cutting.network import Cut, Head, Link, Network, Profile, Segment, TierProfile
from agent.training.exiting.trade import Costs
from tests.fogline.stage import Fogline

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "cuts-and-exits.md").read_text()
CONSOLES = re.findall(r"```console\n\$ fogline (.*)\n([\s\S]*?)```", PAGE)


@pytest.mark.parametrize(("words", "printed"), CONSOLES, ids=[words for words, _ in CONSOLES])
def test_every_command_prints_what_the_page_shows(
    fogline: Fogline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, printed: str
) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path / "examples")
    said = fogline(*words.split())
    assert (said.code, said.err) == (0, "")
    assert [line.rstrip() for line in said.out.rstrip().splitlines()] == printed.splitlines()


@pytest.mark.parametrize("name", ["profile.json", "costs.json"])
def test_files_are_shown_as_they_are(name: str) -> None:
    assert f"```json\n{(EXAMPLES / name).read_text()}```" in PAGE


@pytest.mark.parametrize("document", [Profile, Network, Cut, TierProfile, Segment, Head, Link, Costs])
def test_every_field_is_documented(document: type[msgspec.Struct]) -> None:
    assert [name for name in document.__struct_encode_fields__ if f"`{name}`" not in PAGE] == []


def test_the_outputs_are_made_as_the_page_says(tmp_path: Path) -> None:
    """Near enough: another processor may round another way."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True)
    with np.load(tmp_path / "outputs.npz") as made, np.load(EXAMPLES / "outputs.npz") as kept:
        assert made.files == kept.files == ["labels", "edge", "fog", "cloud"]
        assert np.array_equal(made["labels"], kept["labels"])
        for tier in ("edge", "fog", "cloud"):
            assert np.abs(made[tier] - kept[tier]).mean() < 1 / 256
