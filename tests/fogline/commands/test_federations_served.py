"""A federation from its file to its end, at the door of a real control plane; a coordinator that only says so."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fogline.commands.federations import NOT_FINISHED
from shared.client import Client
from shared.documents import NodeFacts, RunFile, decode, encode
from shared.documents.federation_workloads import (
    FederationOutcome,
    FederationProgress,
    FederationReport,
    FederationView,
    ModelScore,
    ParticipantStanding,
)
from simulations.programs import await_condition
from tests.fogline import judged
from tests.fogline.stage import Fogline, await_line
from tests.fogline.training_node import TrainingNode

NETWORK = "def network():\n    raise SystemExit('nobody runs this here')\n"
FILE = """
name: {name}
network: {name}
cluster: {name}
participants: {{nodes: [{name}-site]}}
coordinator: {{hub: {name}}}
strategy: {{name: fedasync, parameters: {{mixing: 0.5}}}}
stop: {{rounds: 3}}
"""
COORDINATES = NodeFacts(cores=4, memory_bytes=8 << 30, backends=("keras",), workload_kinds=("coordinator",))
TAKES_PART = NodeFacts(
    cores=4, memory_bytes=8 << 30, backends=("keras",), workload_kinds=("participant",), public_key="a key"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`name`: of the federation, its network and its cluster; `file` says so."""

    name: str
    file: Path
    fogline: Fogline
    operator: Client

    def view(self) -> FederationView:
        said = self.fogline("federations", "show", self.name, "--json")
        return decode(encode(said.document), FederationView)

    def hub(self) -> TrainingNode:
        """With its part, which comes soon after the enrolment and not with it."""
        hub = TrainingNode.enrolled(self.operator, f"{self.name}-hub", facts=COORDINATES, hub=self.name)
        assert await_condition(lambda: hub.assignment().workloads, deadline_s=30)
        return hub

    def tells(self, hub: TrainingNode, rounds: int, outcome: FederationOutcome | None = None) -> None:
        site = f"{self.name}-site"
        history = tuple(
            ModelScore(
                round=one,
                at=f"2026-01-01T00:0{one}:00Z",
                updates=1,
                staleness={site: 0},
                metrics={"cloud/accuracy": one / 4},
            )
            for one in range(1, rounds + 1)
        )
        standing = ParticipantStanding(name=site, updates=rounds, records=600, base=max(0, rounds - 1))
        progress = FederationProgress(
            round=rounds, awaited=1, participants=(standing,), history=history, ended="rounds" if outcome else ""
        )
        report = FederationReport(federation=self.name, edition=self.view().edition, progress=progress, outcome=outcome)
        hub.ask("POST", f"nodes/{hub.name}/federations", report)


@pytest.fixture
def wanted(connected: Fogline, operator: Client, tmp_path: Path, unique: str) -> Iterator[Wanted]:
    (tmp_path / "network.py").write_text(NETWORK)
    (tmp_path / "cluster.yaml").write_text(f"name: {unique}\nbootstrap_servers: ['127.0.0.1:9092']\n")
    file = tmp_path / "federation.yaml"
    file.write_text(FILE.format(name=unique))
    TrainingNode.enrolled(operator, f"{unique}-site", facts=TAKES_PART)
    for words in (("clusters", "put", tmp_path / "cluster.yaml"), ("networks", "put", unique, tmp_path / "network.py")):
        said = connected(*words)
        assert (said.code, said.err) == (0, "")
    yield Wanted(name=unique, file=file, fogline=connected, operator=operator)
    connected("federations", "delete", unique)


def test_it_is_followed_from_its_file_to_its_end(wanted: Wanted, tmp_path: Path) -> None:
    """1. nobody can coordinate; 2. a node comes that can; 3. it makes three models, of which the last ends it.

    Each model is made when the one before has been shown: who follows sees only what is there as it looks.
    """
    put = wanted.fogline("federations", "put", wanted.file)
    assert (put.code, put.err) == (0, "")
    assert "waits for a node that coordinates" in put.out
    hub = wanted.hub()
    hub.report()
    wanted.tells(hub, 1)
    assert (wanted.view().state, wanted.view().coordinator) == ("running", hub.name)
    command = [sys.executable, "-m", "fogline", "federations", "follow", wanted.name, "--deadline", "40"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as following:
        assert following.stderr is not None
        lines = [await_line(following.stderr, "model 1/3")]
        wanted.tells(hub, 2)
        lines.append(await_line(following.stderr, "model 2/3"))
        wanted.tells(hub, 3, FederationOutcome())
        lines.append(await_line(following.stderr, "model 3/3"))
    assert following.returncode == 0
    assert all(line.startswith(wanted.name) for line in lines)
    assert "finished" in lines[-1]
    assert "cloud/accuracy 75.0%" in lines[-1]
    drawn = wanted.fogline("federations", "picture", wanted.name, "--out", tmp_path / "a.svg")
    assert (drawn.code, drawn.err) == (0, "")
    assert b"<svg" in (tmp_path / "a.svg").read_bytes()


def test_how_the_last_model_was_judged_is_shown_and_what_it_left_is_fetched(wanted: Wanted, tmp_path: Path) -> None:
    assert wanted.fogline("federations", "put", wanted.file).code == 0
    early = wanted.fogline("federations", "download", wanted.name, "--to", tmp_path / "early")
    assert (early.code, early.out) == (0, f"{wanted.name} has left no files yet\n")
    hub = wanted.hub()
    hub.report()
    wanted.tells(hub, 1)
    left = {"weights.npz": b"weights", "judgements.json": encode(judged.classification())}
    files = tuple(
        RunFile(name=name, sha256=hub.upload(content), size_bytes=len(content)) for name, content in left.items()
    )
    wanted.tells(hub, 3, FederationOutcome(files=files))
    said = wanted.fogline("federations", "show", wanted.name)
    assert (said.code, said.err) == (0, "")
    assert "judged on 2,000 records of the test part" in said.out
    fetched = wanted.fogline("federations", "download", wanted.name, "--to", tmp_path / "left", "--json")
    assert (fetched.code, len(fetched.document["files"])) == (0, 2)
    assert (tmp_path / "left" / "weights.npz").read_bytes() == b"weights"


def test_what_each_site_did_is_shown(wanted: Wanted) -> None:
    assert wanted.fogline("federations", "put", wanted.file).code == 0
    hub = wanted.hub()
    hub.report()
    wanted.tells(hub, 2)
    page = wanted.fogline("federations", "show", wanted.name).out
    (row,) = [line.split() for line in page.splitlines() if line.strip().startswith(f"{wanted.name}-site")]
    assert row[2:7] == ["2", "0", "600", "1", "0"]
    assert "50.0%" in page
    assert wanted.name in wanted.fogline("federations", "list").out


def test_it_is_paused_resumed_cancelled_put_again_and_deleted(wanted: Wanted) -> None:
    assert wanted.fogline("federations", "put", wanted.file, "--json").document["edition"] == 1
    assert wanted.fogline("federations", "put", wanted.file, "--json").document["edition"] == 1
    assert wanted.fogline("federations", "pause", wanted.name, "--json").document["state"] == "paused"
    assert wanted.fogline("federations", "resume", wanted.name, "--json").document["state"] == "waiting"
    assert wanted.fogline("federations", "cancel", wanted.name, "--json").document["state"] == "cancelled"
    assert wanted.fogline("federations", "show", wanted.name).code == NOT_FINISHED
    assert wanted.fogline("federations", "follow", wanted.name).code == NOT_FINISHED
    late = wanted.fogline("federations", "pause", wanted.name)
    assert (late.code, len(late.err.splitlines())) == (9, 1)
    assert wanted.fogline("federations", "put", wanted.file, "--json").document["edition"] == 2
    assert wanted.fogline("federations", "delete", wanted.name).code == 0
    gone = wanted.fogline("federations", "show", wanted.name)
    assert (gone.code, gone.err) == (9, f"fogline: no federation {wanted.name}\n")


def test_a_network_that_is_not_there_is_named_with_the_remedy(wanted: Wanted) -> None:
    wanted.file.write_text(wanted.file.read_text().replace(f"network: {wanted.name}", "network: mistyped"))
    said = wanted.fogline("federations", "put", wanted.file)
    assert said.code == 9
    assert said.err.startswith("fogline: network: no network mistyped: ")
    assert len(said.err.splitlines()) == 1


def test_another_document_waits_for_the_end_of_the_one_before(wanted: Wanted) -> None:
    assert wanted.fogline("federations", "put", wanted.file).code == 0
    said = wanted.fogline("federations", "put", wanted.file, "--rounds", 9)
    assert said.code == 9
    assert "is under way with another document" in said.err
