"""Networks of PyTorch as users write them, right and wrong. One process loads them all: PyTorch takes seconds."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.documents import Description, DType, Framework, TensorSpec, decode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[4]

BLOCK = """\
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.norm(self.conv(x))
        y += x
        return self.act(y)


"""
NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.low = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.edge = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(64, 3), nn.Softmax(1))
        self.block = Block(4)
        self.drop = nn.Dropout(0.2)
        self.cloud = nn.Linear(64, 3)

    def forward(self, images):
        low = self.low(images.unsqueeze(1).float() / 255)
        edge = self.edge(low)
        high = self.drop(self.block(self.block(low)))
        return RETURNED


"""
EXITS = '{"edge": edge, "cloud": torch.softmax(self.cloud(high.view(high.size(0), -1)), 1)}'
BYTES = "def network():\n    return Net(), torch.zeros(1, 8, 8, dtype=torch.uint8)\n"


def net(returned: str = EXITS, network: str = BYTES) -> str:
    return BLOCK + NET.replace("RETURNED", returned) + network


def small(forward: str, network: str = "    return Net(), torch.zeros(1, 6)\n", layers: str = "pass") -> str:
    return (
        "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.first = nn.Linear(6, 3)\n"
        f"        {layers}\n\n    def forward(self, x):\n{forward}\n\n\ndef network():\n{network}"
    )


PAGE = (ROOT / "docs" / "bring-your-own-network.md").read_text()
NETWORKS = {
    "page": PAGE.partition("```py\n")[2].partition("```")[0],
    "residual": net(),
    "attention": small(
        "        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x.view(-1, 3, 2)], 1)\n"
        "        x, _ = self.attention(x, x, x)\n"
        "        x, _ = self.memory(x)\n"
        '        return {"answer": x[:, -1].softmax(1)}',
        layers="self.token = nn.Parameter(torch.zeros(1, 1, 2)); self.memory = nn.LSTM(2, 4, batch_first=True); "
        "self.attention = nn.MultiheadAttention(2, 1, batch_first=True)",
    ),
    "lazy": small('        return {"answer": self.second(x)}', layers="self.second = nn.LazyLinear(2)"),
    "not_a_module": "def network():\n    return [1, 2]\n",
    "no_example": small("        return x", network="    return Net()\n"),
    "wrong_example": small("        return x", network="    return Net(), (6,)\n"),
    "complex": small("        return x", network="    return Net(), torch.zeros(1, 6, dtype=torch.complex64)\n"),
    "forward_fails": small("        y = x[:, :4]\n        return {'answer': self.first(y)}"),
    "no_dict": small("        return self.first(x)"),
    "no_tensor": small("        return {'answer': [self.first(x)]}"),
    "unnamed": small("        return {0: self.first(x)}"),
    "scalar": small("        return {'answer': self.first(x).mean()}"),
    "constant": small("        return {'low': self.first.weight, 'answer': self.first(x)}"),
    "shapes_differ": small("        y = self.first(x)\n        return {'low': y[:, :2], 'answer': y}"),
    "wrong_order": net('{"top": edge, "cloud": torch.softmax(self.cloud(high.flatten(1)), 1), "edge": edge}'),
    "above_no_cut": net(
        '{"edge": self.cloud((self.block.conv(low) + low).flatten(1)), '
        '"inside": self.cloud(torch.cat([low, high], 1)[:, :4].flatten(1)), "cloud": self.cloud(high.flatten(1))}'
    ),
    "bfloat16": small(
        "        return {'answer': self.first(x.bfloat16())}",
        network="    return Net().bfloat16(), torch.zeros(1, 6)\n",
    ),
    "fixed_batch": small("        return {'answer': self.first(x).view(2, 3)}"),
    "looks_at_numbers": small("        y = self.first(x)\n        return {'answer': y if y.sum() > 0 else -y}"),
}


LOWER = small(
    '        deep = self.first(x)\n        return {"features": self.second(deep), "exit": self.head(deep)}',
    layers="self.second = nn.Linear(3, 4); self.head = nn.Sequential(nn.Linear(3, 2), nn.Softmax(1))",
)
UPPER = (
    small('        return {"exit": self.first(x).softmax(1)}').replace("(6, 3)", "(4, 2)").replace("(1, 6)", "(1, 4)")
)
LINKS = {"lower": LOWER, "upper": UPPER, "wide": UPPER.replace("(4, 2)", "(5, 2)").replace("(1, 4)", "(1, 5)")}
CHAINS = {"fits": ("lower", "upper"), "too_wide": ("lower", "wide"), "upside_down": ("upper", "lower")}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = tmp_path_factory.mktemp("networks")
    for name, source in {**NETWORKS, **LINKS}.items():
        (folder / f"{name}.py").write_text(source)
    command = [sys.executable, "-m", "tests.agent.training.networks.loading", Framework.TORCH]
    chains = {f"edge={folder}/{lower}.py,cloud={folder}/{upper}.py": name for name, (lower, upper) in CHAINS.items()}
    command += [*(str(folder / f"{name}.py") for name in NETWORKS), *chains]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return {chains.get(name, Path(name).stem): outcome for name, outcome in found.items()}


def described(outcomes: Mapping[str, Any], name: str) -> Description:
    assert not isinstance(outcomes[name], str), outcomes[name]
    return decode(json.dumps(outcomes[name]), Description)


def test_exits_are_in_the_order_of_the_dict_and_hang_above_their_cuts(outcomes: Mapping[str, Any]) -> None:
    found = described(outcomes, "residual")
    assert [(one.name, one.cut) for one in found.exits] == [("edge", "low"), ("cloud", None)]
    assert found.exits[0].output == TensorSpec(dtype=DType.FLOAT32, shape=(3,))
    assert found.input == TensorSpec(dtype=DType.UINT8, shape=(8, 8))


def test_the_page_shows_a_network(outcomes: Mapping[str, Any]) -> None:
    exits = described(outcomes, "page").exits
    assert [(one.name, one.cut) for one in exits] == [("edge", "low"), ("cloud", None)]


def test_cuts_sever_one_tensor_and_are_called_as_the_modules_that_make_it(outcomes: Mapping[str, Any]) -> None:
    cuts = {one.name: one for one in described(outcomes, "residual").cuts}
    inside = {"block.conv", "block.norm", "block.conv:1", "block.norm:1"}
    assert {"low", "block", "block:1", "drop"} <= cuts.keys()
    assert not inside & cuts.keys()
    assert (cuts["low"].features.shape, cuts["low"].features_bytes, cuts["low"].exit) == ((4, 4, 4), 256, "edge")
    assert cuts["block"].exit is None


def test_layers_carry_the_words_of_pytorch_and_their_parameters_once(outcomes: Mapping[str, Any]) -> None:
    found = described(outcomes, "residual")
    layers = {one.name: one for one in found.layers}
    assert sum(one.parameters for one in found.layers) == found.parameters
    assert (layers["block.conv"].kind, layers["block.conv"].parameters) == ("Conv2d", 4 * 4 * 9 + 4)
    assert (layers["block.conv:1"].parameters, layers["block.conv:1"].output) == (0, (4, 4, 4))
    assert [layers[name].kind for name in ("drop", "block.add", "block", "view")] == ["Dropout", "add", "ReLU", "view"]


def test_attention_and_memory_are_understood_and_what_is_drawn_late_as_well(outcomes: Mapping[str, Any]) -> None:
    found = described(outcomes, "attention")
    assert {"cat", "attention", "memory"} <= {one.name for one in found.cuts}
    assert sum(one.parameters for one in found.layers) + 21 == found.parameters
    assert described(outcomes, "lazy").parameters == 21 + 14


def test_files_of_a_chain_are_one_network_cut_where_each_tier_sends(outcomes: Mapping[str, Any]) -> None:
    found = described(outcomes, "fits")
    assert [(one.name, one.cut) for one in found.exits] == [("edge", "edge.second"), ("cloud", None)]
    assert {"edge.first", "edge.head.0", "cloud.first"} <= {one.name for one in found.layers}
    assert (found.cuts[-1].name, found.cuts[-1].features.shape) == ("cloud.first", (2,))


WRONG = {
    "too_wide": r"wide\.py:15: tier 'cloud': its example is float32 \[5\] and the tier below gives .* \[4\]",
    "upside_down": r"upper\.py:15: tier 'edge': forward\(\) gives 'exit': every file but the last gives `features`",
    "not_a_module": r"not_a_module\.py:1: network\(\) returns list: return the module and an example",
    "no_example": r"no_example\.py:15: network\(\) returns Net: return the module and an example",
    "wrong_example": r"wrong_example\.py:15: network\(\) returns a module and no example that is one tensor",
    "complex": r"complex\.py:15: the example is complex64 \[1, 6\]",
    "forward_fails": r"forward_fails\.py:13: forward\(\), called with two of the example, failed: RuntimeError: addmm",
    "no_dict": r"no_dict\.py:15: forward\(\) returns Tensor: return a dict of exits from the sensor up",
    "no_tensor": r"no_tensor\.py:15: exit 'answer' is list: let forward\(\) return one tensor",
    "unnamed": r"unnamed\.py:15: no exit can be called 0",
    "scalar": r"scalar\.py:15: exit 'answer' is no tensor \[batch, \.\.\.\] made from the input",
    "constant": r"constant\.py:15: exit 'low' is no tensor \[batch, \.\.\.\] made from the input",
    "shapes_differ": r"shapes_differ\.py:16: exit 'answer' has the shape \[3\] and exit 'low' \[2\]",
    "above_no_cut": r"above_no_cut\.py:34: exit 'inside' hangs above no cut",
    "wrong_order": r"wrong_order\.py:\d+: exit 'top' hangs above no cut",
    "bfloat16": r"bfloat16\.py:15: the parameter 'first\.weight' is bfloat16: keep parameters in float32",
    "fixed_batch": r"fixed_batch\.py:\d+: torch\.export, without which .* failed: .*; in forward\(\), take the length",
    "looks_at_numbers": r"looks_at_numbers\.py:13: torch\.export, .* failed: .* decide nothing by what a tensor holds",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_one_line_with_its_place_and_the_remedy(outcomes: Mapping[str, Any], name: str) -> None:
    assert isinstance(outcomes[name], str), outcomes[name]
    assert "\n" not in outcomes[name]
    assert re.search(WRONG[name], outcomes[name]), outcomes[name]
