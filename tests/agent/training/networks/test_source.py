"""Networks as users write them, right and wrong. One process loads them all: a framework takes seconds to import."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.documents import Description, DType, Framework, TensorSpec, decode

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[4]

BEGIN = """\
import keras
from keras import layers


def network():
    x = keras.Input((8, 8, 1), name="image")
"""
TRUNK = """\
    low = layers.Conv2D(4, 3, padding="same", activation="relu", name="low")(x)
    edge = layers.Dense(3, activation="softmax", name="edge")(layers.Flatten()(low))
    side = layers.Conv2D(4, 3, padding="same", name="side")(low)
    high = layers.Add(name="high")([side, low])
    flat = layers.Flatten(name="flat")(high)
    cloud = layers.Dense(3, activation="softmax", name="cloud")(flat)
"""
NETWORKS = {
    "as_dict": BEGIN + TRUNK + '    return keras.Model(x, {"first": edge, "at last": cloud})\n',
    "as_list": BEGIN + TRUNK + "    return keras.Model(x, [edge, cloud])\n",
    "sequential": "import keras\n\n\ndef network():\n    return keras.Sequential(\n"
    '        [keras.Input((4,)), keras.layers.Dense(2, name="answer")]\n    )\n',
    "shared_layer": BEGIN
    + '    twice = layers.Dense(64, name="twice")\n'
    + '    flat = layers.Flatten(name="flat")(x)\n'
    + '    return keras.Model(x, {"cloud": layers.Dense(3, name="last")(twice(twice(flat)))})\n',
    "no_python": "def network(:\n",
    "does_not_import": "import keras\n\nimport there_is_no_such_module\n",
    "fails_on_import": "import keras\n\nnumbers = []\nfirst = numbers[0]\n",
    "exits": "import sys\n\nsys.exit(3)\n",
    "no_function": "import keras\n\n\ndef build():\n    return None\n",
    "no_callable": "network = 3\n",
    "fails": "import keras\n\n\ndef network():\n    size = 0\n    return 1 / size\n",
    "wants_arguments": "import keras\n\n\ndef network(classes):\n    return None\n",
    "keras_refuses": BEGIN
    + "    y = layers.Flatten()(x)\n    return layers.Add()([layers.Dense(3)(y), layers.Dense(4)(y)])\n",
    "returns_something_else": "import keras\n\n\ndef network():\n    return [1, 2]\n",
    "subclass": "import keras\n\n\nclass Mine(keras.Model):\n    def call(self, x):\n        return x\n\n\n"
    "def network():\n    return Mine()\n",
    "unnamed": BEGIN + TRUNK.replace(', name="cloud"', "") + "    return keras.Model(x, [edge, cloud])\n",
    "unnamed_convolution": "import keras\n\n\ndef network():\n    x = keras.Input((8, 8, 1))\n"
    "    return keras.Model(x, keras.layers.Conv2D(3, 8)(x))\n",
    "shapes_differ": BEGIN
    + TRUNK.replace('Dense(3, activation="softmax", name="edge")', 'Dense(5, activation="softmax", name="edge")')
    + "    return keras.Model(x, [edge, cloud])\n",
    "wrong_order": BEGIN
    + TRUNK
    + '    fog = layers.Dense(3, name="fog")(layers.Flatten()(high))\n'
    + '    return keras.Model(x, {"fog": fog, "edge": edge, "cloud": cloud})\n',
    "above_no_cut": BEGIN
    + TRUNK.replace('layers.Dense(3, activation="softmax", name="cloud")', 'layers.Dense(3, name="cloud")')
    + '    inside = layers.Dense(3, name="inside")(layers.Flatten()(side))\n'
    + "    return keras.Model(x, [inside, cloud])\n",
    "two_inputs": "import keras\n\n\ndef network():\n    a, b = keras.Input((2,)), keras.Input((2,))\n"
    '    return keras.Model([a, b], {"cloud": keras.layers.Add()([a, b])})\n',
    "any_length": "import keras\n\n\ndef network():\n    x = keras.Input((None, 2))\n"
    '    return keras.Model(x, {"cloud": keras.layers.GlobalAveragePooling1D()(x)})\n',
    "reserved_name": BEGIN + TRUNK + '    return keras.Model(x, {"edge": edge, "deployed": cloud})\n',
    "prints": 'print("hello")\n' + BEGIN + TRUNK + "    return keras.Model(x, [edge, cloud])\n",
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = tmp_path_factory.mktemp("networks")
    for name, source in NETWORKS.items():
        (folder / f"{name}.py").write_text(source)
    command = [sys.executable, "-m", "tests.agent.training.networks.loading", Framework.KERAS]
    command += [str(folder / f"{name}.py") for name in NETWORKS] + [str(folder / "missing.py")]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {Path(name).stem: outcome for name, outcome in found.items()}


def described(outcomes: Mapping[str, Any], name: str) -> Description:
    return decode(json.dumps(outcomes[name]), Description)


@pytest.mark.timeout(180)
def test_exits_are_in_the_order_of_the_dict_and_hang_above_their_cuts(outcomes: Mapping[str, Any]) -> None:
    exits = described(outcomes, "as_dict").exits
    assert [(one.name, one.cut) for one in exits] == [("first", "low"), ("at last", None)]
    assert exits[0].output == TensorSpec(dtype=DType.FLOAT32, shape=(3,))


def test_a_list_of_outputs_is_called_by_its_layers(outcomes: Mapping[str, Any]) -> None:
    assert [one.name for one in described(outcomes, "as_list").exits] == ["edge", "cloud"]


def test_cuts_sever_one_tensor_and_carry_its_bytes(outcomes: Mapping[str, Any]) -> None:
    found = described(outcomes, "as_list")
    assert found.input == TensorSpec(dtype=DType.FLOAT32, shape=(8, 8, 1))
    assert [(one.name, one.features.shape, one.features_bytes, one.exit) for one in found.cuts] == [
        ("low", (8, 8, 4), 1024, "edge"),
        ("high", (8, 8, 4), 1024, None),
        ("flat", (256,), 1024, None),
    ]


def test_layers_carry_their_parameters_once(outcomes: Mapping[str, Any]) -> None:
    for name in ("as_list", "shared_layer"):
        found = described(outcomes, name)
        assert sum(one.parameters for one in found.layers) == found.parameters
    layers = {one.name: one for one in described(outcomes, "shared_layer").layers}
    assert (layers["twice"].parameters, layers["twice:1"].parameters) == (64 * 65, 0)
    assert (layers["twice"].kind, layers["twice"].output) == ("Dense", (64,))


def test_a_chain_with_one_exit_is_a_network(outcomes: Mapping[str, Any]) -> None:
    assert [one.name for one in described(outcomes, "sequential").exits] == ["answer"]


WRONG = {
    "missing": r"missing\.py: no such file",
    "no_python": r"no_python\.py:1: does not import: SyntaxError: .*not Python",
    "does_not_import": r"does_not_import\.py:3: .*ModuleNotFoundError: .*imports only what is installed",
    "fails_on_import": r"fails_on_import\.py:4: does not import: IndexError: .*do nothing else",
    "exits": r"exits\.py:3: does not import: SystemExit",
    "no_function": r"no_function\.py:1: has no function network\(\)",
    "no_callable": r"no_callable\.py:1: network is no function",
    "fails": r"fails\.py:6: network\(\), called without arguments, fails: ZeroDivisionError: division by zero",
    "wants_arguments": r"wants_arguments\.py:4: network\(\), called without arguments, fails: TypeError: .*classes",
    "keras_refuses": r"keras_refuses\.py:8: network\(\), called without arguments, fails: ValueError",
    "returns_something_else": r"something_else\.py:4: network\(\) returns list: return a functional keras\.Model",
    "subclass": r"subclass\.py:9: .*rather than a subclass",
    "unnamed": r"unnamed\.py:5: output 2 of 2 has no name: give its layer one",
    "unnamed_convolution": r"unnamed_convolution\.py:4: output 1 of 1 has no name",
    "shapes_differ": r"shapes_differ\.py:5: exit 'cloud' has the shape \[3\] and exit 'edge' \[5\]",
    "wrong_order": r"wrong_order\.py:5: exit 'edge' does not lie above exit 'fog': list the exits from the sensor up",
    "above_no_cut": r"above_no_cut\.py:5: exit 'inside' hangs above no cut: .* goes on to the last exit, 'cloud'",
    "two_inputs": r"two_inputs\.py:4: the network has 2 inputs",
    "any_length": r"any_length\.py:4: the input is float32 \[None, None, 2\]",
    "reserved_name": r"reserved_name\.py:5: no exit can be called 'deployed'",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_one_line_with_its_place_and_the_remedy(outcomes: Mapping[str, Any], name: str) -> None:
    assert isinstance(outcomes[name], str), outcomes[name]
    assert "\n" not in outcomes[name]
    assert re.search(WRONG[name], outcomes[name]), outcomes[name]
