"""The networks of the examples as a training loads them: their exits and where they can be cut, by name."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from shared.documents import Description, Framework, decode, encode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EXAMPLES = Path(__file__).parents[2] / "examples"
CHAIN = ",".join(f"{tier}={EXAMPLES / 'mnist_chain' / tier}.py" for tier in ("edge", "fog", "cloud"))
KERAS = {
    "fashion_mnist": str(EXAMPLES / "fashion_mnist" / "network.py"),
    "rooms": str(EXAMPLES / "rooms" / "network.py"),
    "mnist_chain": CHAIN,
}
TORCH = {"pytorch_network": str(EXAMPLES / "pytorch_network" / "network.py")}


def loaded(framework: Framework, named: dict[str, str]) -> dict[str, Description]:
    """In one process for all of them, as it takes seconds to start."""
    line = [sys.executable, "-m", "tests.agent.training.networks.loading", framework, *named.values()]
    done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=EXAMPLES.parent)
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: decode(encode(found[file]), Description) for name, file in named.items()}


@pytest.fixture(scope="module")
def networks() -> dict[str, Description]:
    return loaded(Framework.KERAS, KERAS) | loaded(Framework.TORCH, TORCH)


def exits_and_cuts(network: Description) -> dict[str, str | None]:
    return {one.name: one.cut for one in network.exits}


clothes = pytest.mark.parametrize("name", ["fashion_mnist", "pytorch_network"])
CUTS = {"edge": "edge_features", "fog": "fog_features"}


@clothes
def test_clothes_have_three_exits_over_the_same_classes(networks: dict[str, Description], name: str) -> None:
    network = networks[name]
    assert [one.name for one in network.exits] == ["edge", "fog", "cloud"]
    assert {one.output.shape for one in network.exits} == {(10,)}
    assert network.input.shape == (28, 28, 1)


@clothes
def test_each_exit_of_clothes_hangs_below_the_cut_of_its_tier(networks: dict[str, Description], name: str) -> None:
    """So that the tier has what its head reads; above it, the tier would have to run part of the next one."""
    order = [one.name for one in networks[name].cuts]
    exits = exits_and_cuts(networks[name])
    assert exits.pop("cloud") is None
    for tier, cut in exits.items():
        assert cut is not None and order.index(cut) <= order.index(CUTS[tier])
    assert order.index(CUTS["edge"]) < order.index(str(exits["fog"]))


@clothes
def test_what_the_edge_sends_up_of_clothes_is_narrower_than_the_image(
    networks: dict[str, Description], name: str
) -> None:
    elements = {one.name: one.features.elements for one in networks[name].cuts}
    assert elements[CUTS["edge"]] < 28 * 28


def test_the_chain_is_joined_where_its_files_meet(networks: dict[str, Description]) -> None:
    chain = networks["mnist_chain"]
    assert list(exits_and_cuts(chain)) == ["edge", "fog", "cloud"]
    assert {one.output.shape for one in chain.exits} == {(10,)}
    assert [(one.exit, one.features.shape) for one in chain.cuts if one.exit] == [("edge", (64,)), ("fog", (64,))]


def test_rooms_answer_at_the_edge_from_what_the_edge_sends(networks: dict[str, Description]) -> None:
    rooms = networks["rooms"]
    assert exits_and_cuts(rooms) == {"edge": "edge_features", "cloud": None}
    assert (rooms.input.shape, {one.output.shape for one in rooms.exits}) == ((5,), {(3,)})


@pytest.mark.parametrize("name", [*KERAS, *TORCH])
def test_the_export_of_its_request_names_what_the_network_has(networks: dict[str, Description], name: str) -> None:
    network, exports = networks[name], [_export(file) for file in (EXAMPLES / name).glob("request.*")]
    assert len(exports) == 1
    cuts, exits = {one.name for one in network.cuts}, {one.name for one in network.exits}
    for tier in exports[0].get("tiers", []):
        assert {tier.get("cut")} <= {*cuts, None} and {tier.get("exit")} <= {*exits, None}
    assert set(exports[0].get("profiled", [])) <= cuts


def _export(file: Path) -> dict[str, list[dict[str, str]]]:
    content = file.read_text(encoding="utf-8")
    request = tomllib.loads(content) if file.suffix == ".toml" else json.loads(content)
    found: dict[str, list[dict[str, str]]] = request.get("export", {})
    return found
