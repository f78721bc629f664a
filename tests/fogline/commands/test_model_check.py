"""`fogline models check`, as it is typed."""

import json
from pathlib import Path

import pytest

from tests.fogline.stage import Fogline

NETWORK = """\
import keras
from keras import layers


def network():
    x = keras.Input((12,))
    low = layers.Dense(16, activation="relu", name="low")(x)
    edge = layers.Dense(3, activation="softmax", name="edge")(low)
    cloud = layers.Dense(3, activation="softmax", name="cloud")(layers.Dense(16, activation="relu")(low))
    return keras.Model(x, [edge, cloud])
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_network_is_told_layer_by_layer_and_cut_by_cut(fogline: Fogline, tmp_path: Path) -> None:
    file = tmp_path / "network.py"
    file.write_text(NETWORK)
    said = fogline("models", "check", file, "--timeout", "200")
    assert (said.code, said.err) == (0, "")
    assert "operations  544 a record" in said.out
    assert [line for line in said.out.splitlines() if line.split()[:3] == ["low", "float32", "16"]]
    found = json.loads(fogline("models", "check", file, "--json", "--timeout", "200").out)
    assert [exit["name"] for exit in found["exits"]] == ["edge", "cloud"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_mistake_is_one_line_with_its_place(fogline: Fogline, tmp_path: Path) -> None:
    file = tmp_path / "network.py"
    file.write_text(NETWORK.replace('"softmax", name="edge"', '"softest", name="edge"'))
    said = fogline("models", "check", file, "--timeout", "200")
    assert (said.code, said.out) == (5, "")
    assert len(said.err.splitlines()) == 1
    assert f"{file}:8: " in said.err


def test_a_file_that_is_not_there_is_said_before_anything_is_started(fogline: Fogline, tmp_path: Path) -> None:
    said = fogline("models", "check", tmp_path / "none.py")
    assert said.code == 2
    assert "no such file" in said.err


def test_its_help_shows_how_it_is_typed(fogline: Fogline) -> None:
    said = fogline("models", "check", "--help")
    assert "fogline models check edge=edge.py fog=fog.py cloud=cloud.py" in said.out
