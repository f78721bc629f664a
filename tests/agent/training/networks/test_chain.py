"""Networks written apart: joined, or one line that says which file does not fit. One process joins them all."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.documents import Description, decode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[4]
BEGIN = """\
import keras
from keras import layers


def network():
"""
EDGE = (
    BEGIN
    + """\
    x = keras.Input((4, 4))
    low = layers.Dense(6, activation="relu", name="low")(layers.Flatten()(x))
    return keras.Model(x, {"features": layers.Dense(5)(low), "exit": layers.Dense(3, name="head")(low)})
"""
)
FOG = (
    BEGIN
    + """\
    x = keras.Input((5,))
    side = layers.Dense(5, name="low")(x)
    features = layers.Add(name="features")([x, side])
    answer = layers.Dense(3, name="exit")(layers.Concatenate()([x, side]))
    return keras.Model(x, [features, answer])
"""
)
CLOUD = BEGIN + '    return keras.Sequential([keras.Input((5,)), layers.Dense(3, name="answer")])\n'
FOUR = CLOUD.replace("(5,)", "(4,)")
WRONG: dict[str, tuple[list[str | None], str]] = {
    "missing": ([EDGE, None], r"2-cloud\.py: no such file"),
    "fails": ([EDGE, BEGIN + "    return 1 / 0\n"], r"2-cloud\.py:6: network\(\), .* ZeroDivisionError"),
    "no_model": ([EDGE, BEGIN + "    return 3\n"], r"2-cloud\.py:5: tier 'cloud': network\(\) returns int"),
    "no_features": (
        [CLOUD, CLOUD],
        r"1-edge\.py:5: tier 'edge': it gives 'answer'; every file but the last gives `fea",
    ),
    "last_gives_features": ([EDGE, FOG], r"2-cloud\.py:5: tier 'cloud': it gives 'features', 'exit'; the last file"),
    "other_shape": (
        [EDGE, FOUR],
        r"2-cloud\.py:5: .*takes float32 \[4\] and the tier below gives features float32 \[5\]",
    ),
    "other_answer": ([EDGE, CLOUD.replace("Dense(3", "Dense(2")], r"2-cloud\.py:5: exit 'cloud' has the shape \[2\]"),
    "two_inputs": (
        [EDGE, BEGIN + "    a, b = keras.Input((5,)), keras.Input((5,))\n    return keras.Model([a, b], a + b)\n"],
        r"2-cloud\.py:5: tier 'cloud': it has 2 inputs",
    ),
    "no_layers": (
        [
            BEGIN
            + '    x = keras.Input((5,))\n    return keras.Model(x, {"features": x, "exit": layers.Dense(3)(x)})\n',
            CLOUD,
        ],
        r"1-edge\.py:5: tier 'edge': its features are its input",
    ),
}


def write(folder: Path, files: list[str | None], tiers: tuple[str, ...]) -> None:
    folder.mkdir()
    for number, (tier, source) in enumerate(zip(tiers, files, strict=True), 1):
        file = folder / f"{number}-{tier}.py"
        if source is None:
            file.symlink_to("nowhere")
        else:
            file.write_text(source)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = tmp_path_factory.mktemp("chains")
    write(folder / "right", [EDGE, FOG, CLOUD], ("edge", "fog", "cloud"))
    for name, (files, _) in WRONG.items():
        write(folder / name, files, ("edge", "cloud"))
    command = [sys.executable, "-m", "tests.agent.training.networks.joining", str(folder)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_exits_are_the_tiers_and_hang_above_the_joints_wherever_their_heads_begin(outcomes: Mapping[str, Any]) -> None:
    network = decode(json.dumps(outcomes["right"]), Description)
    assert [one.name for one in network.exits] == ["edge", "fog", "cloud"]
    edge, fog, cloud = (one.cut for one in network.exits)
    assert re.fullmatch(r"edge\.dense(_\d+)?", edge or "")
    assert (fog, cloud) == ("fog.features", None)
    assert {one.name: one.exit for one in network.cuts}[edge or ""] == "edge"
    assert network.input.shape == (4, 4)


def test_files_may_use_the_same_names(outcomes: Mapping[str, Any]) -> None:
    names = [one.name for one in decode(json.dumps(outcomes["right"]), Description).layers]
    assert {"edge.low", "fog.low", "edge.head", "fog.exit", "cloud.answer"} <= set(names)


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_one_line_with_its_file_and_place(outcomes: Mapping[str, Any], name: str) -> None:
    assert isinstance(outcomes[name], str), outcomes[name]
    assert "\n" not in outcomes[name]
    assert re.search(WRONG[name][1], outcomes[name]), outcomes[name]
