"""A request that waits for streams, and a node of its own that could train them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.client import Client
from shared.documents import RunView, decode, encode
from tests.fogline.stage import Fogline
from tests.fogline.training_node import TrainingNode, announcement

NETWORK = "def network():\n    raise SystemExit('nobody runs this here')\n"


@pytest.fixture
def operator(control_plane: tuple[str, Path]) -> Iterator[Client]:
    url, credential_file = control_plane
    with Client(url, credential=credential_file.read_text().strip()) as client:
        yield client


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`name`: of the cluster, network, configuration and request alike."""

    name: str
    number: int
    node: TrainingNode
    fogline: Fogline

    def announced(self, *, start: int = 0) -> RunView:
        """The run that a stream of its own starts."""
        before = {one["id"] for one in self.runs()}
        found = announcement(self.name, start=start)
        self.node.announces(self.number, found, cluster=self.name, timestamp_ms=round(time.time() * 1000))
        (new,) = [one for one in self.runs() if one["id"] not in before]
        self.node.report()
        return decode(encode(self.fogline("runs", "show", new["id"], "--json").document), RunView)

    def runs(self) -> list[dict[str, object]]:
        items: list[dict[str, object]] = self.fogline("runs", "list", "--request", self.name, "--json").document[
            "items"
        ]
        return items


@pytest.fixture
def asked(connected: Fogline, operator: Client, tmp_path: Path, unique: str) -> Asked:
    (tmp_path / "network.py").write_text(NETWORK)
    (tmp_path / "cluster.toml").write_text(f'name = "{unique}"\nbootstrap_servers = ["127.0.0.1:9092"]\n')
    node = TrainingNode.enrolled(operator, f"{unique}-node", test=unique)
    wanted: list[tuple[object, ...]] = [
        ("clusters", "put", tmp_path / "cluster.toml"),
        ("networks", "put", unique, tmp_path / "network.py"),
        ("configurations", "put", unique, unique),
    ]
    for words in wanted:
        said = connected(*words)
        assert (said.code, said.err) == (0, "")
    request = ("--configuration", unique, "--cluster", unique, "--selector", f"test={unique}")
    number = connected("requests", "put", unique, *request, "--json").document["number"]
    return Asked(name=unique, number=number, node=node, fogline=connected)
