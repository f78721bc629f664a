"""`fogline nodes`, with a node that the test enrols itself."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from shared.client import Client
from shared.documents import Enrolment, NodeFacts
from tests.fogline.stage import Fogline


@pytest.fixture
def client(control_plane: tuple[str, Path]) -> Iterator[Client]:
    url, credential_file = control_plane
    with Client(url, credential=credential_file.read_text().strip()) as client:
        yield client


@pytest.fixture
def node(client: Client, unique: str) -> str:
    facts = NodeFacts(cores=4, memory_bytes=8_000_000_000, backends=("litert",))
    enrolment = Enrolment(name=unique, labels={"tier": "edge"}, facts=facts)
    client.nodes.enrol(enrolment, token=client.tokens.create().token)
    return unique


def test_a_node_is_listed_and_shown(connected: Fogline, node: str) -> None:
    assert node in connected("nodes", "list").out
    assert node in {one["name"] for one in connected("nodes", "list", "--json").document["items"]}
    shown = connected("nodes", "show", node)
    assert "4 cores, 8 GB" in shown.out
    assert "tier=edge" in shown.out


def test_labels_are_changed_one_by_one_or_replaced(connected: Fogline, node: str) -> None:
    changed = connected("nodes", "label", node, "site=lisbon", "tier-", "--json").document
    assert changed["labels"] == {"site": "lisbon"}
    assert connected("nodes", "label", node, "gpu=yes", "--json").document["labels"] == {"site": "lisbon", "gpu": "yes"}
    assert connected("nodes", "label", node, "a=b", "--replace", "--json").document["labels"] == {"a": "b"}
    assert connected("nodes", "label", node, "nothing-").code == 2


def test_a_node_is_drained_and_taken_back(connected: Fogline, node: str, client: Client) -> None:
    """The state of a node that has never reported stays `enrolled`; what was done to it stands in the events."""
    assert connected("nodes", "drain", node, "--json").document["name"] == node
    assert connected("nodes", "undrain", node, "--json").document["name"] == node
    mine = (event.kind for event in client.events() if event.subject == f"node/{node}")
    assert list(islice(mine, 3)) == ["node_enrolled", "node_drained", "node_undrained"]


def test_a_node_that_needs_no_confirmation_says_so(connected: Fogline, node: str) -> None:
    said = connected("nodes", "confirm", node, "--json")
    assert said.code in (0, 9)
    assert len(said.err.splitlines()) <= 1


def test_a_removed_node_is_gone(connected: Fogline, node: str) -> None:
    assert connected("nodes", "remove", node).out == f"{node} is removed.\n"
    said = connected("nodes", "show", node)
    assert (said.code, len(said.err.splitlines())) == (9, 1)
