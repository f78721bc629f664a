"""Federations at the door, of a control plane that says what a test wants it to say."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fogline.commands.federations import NOT_FINISHED
from shared.documents import decode, encode
from shared.documents.federation import Federation
from shared.documents.federation_workloads import FederationState, FederationView
from tests.fogline.federating import view
from tests.fogline.stage import Fogline
from tests.shared.client.conftest import server as serving
from tests.shared.client.stage import Asked, Says, Server

TOML = """
name = "digits"
network = "lenet"
cluster = "platform"

[strategy]
name = "fedbuff"
parameters = { learning_rate = 0.5 }
"""

server = serving


class Plane:
    """Answers with the next of `says`, the last one for ever."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.says: list[FederationView] = [view()]
        server.answer = self.answer

    def answer(self, asked: Asked) -> Says:
        if asked.method == "DELETE":
            return Says(status=204)
        now = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        return Says(body=encode({"items": [now]} if asked.path == "/v1/federations" else now))

    @property
    def asked(self) -> list[tuple[str, str]]:
        return [(one.method, one.path) for one in self.server.asked]


@pytest.fixture
def plane(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plane]:
    monkeypatch.setenv("FOGLINE_URL", server.url)
    monkeypatch.setenv("FOGLINE_CREDENTIAL", "operator")
    yield Plane(server)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "digits.toml"
    path.write_text(TOML)
    return path


def test_what_a_file_says_is_put(fogline: Fogline, plane: Plane, file: Path) -> None:
    said = fogline("federations", "put", file)
    assert (said.code, said.err) == (0, "")
    assert "digits, edition 2" in said.out
    (asked,) = plane.server.asked
    assert (asked.method, asked.path) == ("PUT", "/v1/federations/digits")
    sent = decode(asked.body, Federation)
    assert (sent.network, sent.strategy.parameters) == ("lenet", {"learning_rate": 0.5})


def test_fewer_rounds_stand_above_the_file(fogline: Fogline, plane: Plane, file: Path) -> None:
    assert fogline("federations", "put", file, "--rounds", 7).code == 0
    assert decode(plane.server.asked[0].body, Federation).stop.rounds == 7


def test_a_wrong_parameter_is_named_and_nothing_is_sent(fogline: Fogline, plane: Plane, file: Path) -> None:
    file.write_text(TOML.replace("0.5", "-1"))
    said = fogline("federations", "put", file)
    assert said.code == 3
    assert said.err.startswith(f"fogline: strategy.parameters.learning_rate: in {file}: ")
    assert len(said.err.splitlines()) == 1
    assert plane.asked == []


def test_a_strategy_that_is_installed_elsewhere_is_sent_when_told_to(
    fogline: Fogline, plane: Plane, file: Path
) -> None:
    file.write_text(TOML.replace("fedbuff", "of-my-own"))
    refused = fogline("federations", "put", file)
    assert (refused.code, "--unchecked" in refused.err) == (3, True)
    assert fogline("federations", "put", file, "--unchecked").code == 0


def test_what_the_control_plane_refuses_is_one_line_with_the_field(fogline: Fogline, plane: Plane, file: Path) -> None:
    problem = {
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "there is no network lenet",
        "field": "network",
    }
    plane.server.answer = lambda asked: Says(status=422, body=json.dumps(problem).encode())
    said = fogline("federations", "put", file)
    assert (said.code, said.err) == (9, "fogline: network: there is no network lenet\n")


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_it_is_paused_resumed_and_cancelled(fogline: Fogline, plane: Plane, verb: str) -> None:
    plane.says = [view(state=FederationState.PAUSED)]
    said = fogline("federations", verb, "digits", "--json")
    assert (said.code, said.document["state"]) == (0, "paused")
    assert plane.asked == [("POST", f"/v1/federations/digits/{verb}")]


def test_it_is_listed_and_deleted(fogline: Fogline, plane: Plane) -> None:
    assert "fedbuff" in fogline("federations", "list").out
    assert fogline("federations", "list", "--json").document["items"][0]["edition"] == 2
    said = fogline("federations", "delete", "digits")
    assert (said.code, said.out) == (0, "digits is deleted.\n")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (FederationState.RUNNING, 0),
        (FederationState.FINISHED, 0),
        (FederationState.FAILED, NOT_FINISHED),
        (FederationState.CANCELLED, NOT_FINISHED),
    ],
)
def test_the_exit_code_says_how_it_ended(fogline: Fogline, plane: Plane, state: FederationState, code: int) -> None:
    plane.says = [view(state=state)]
    assert fogline("federations", "show", "digits").code == code
    assert fogline("federations", "show", "digits", "--json").document["state"] == state


def test_following_says_each_change_until_it_is_over(fogline: Fogline, plane: Plane) -> None:
    plane.says = [view(1), view(1), view(2), view(2, FederationState.FINISHED, model="lenet", version=1)]
    said = fogline("federations", "follow", "digits", "--deadline", 40)
    assert said.code == 0
    first, second, last = said.err.splitlines()
    assert "model 1/20" in first
    assert "model 2/20" in second
    assert "finished" in last
    assert "lenet/1" in said.out


def test_each_line_of_json_holds_the_models_since_the_line_before(fogline: Fogline, plane: Plane) -> None:
    plane.says = [view(2), view(3), view(3, FederationState.FAILED, reason="nobody coordinates")]
    said = fogline("federations", "follow", "digits", "--json")
    assert said.code == NOT_FINISHED
    assert [[one["round"] for one in line["progress"]["history"]] for line in said.lines] == [[1, 2], [3], []]
    assert said.lines[-1]["reason"] == "nobody coordinates"


def test_a_deadline_says_how_far_it_is(fogline: Fogline, plane: Plane) -> None:
    said = fogline("federations", "follow", "digits", "--deadline", 0)
    assert said.code == 9
    assert "not ended within 0 s: digits  running  model 3/20" in said.err.splitlines()[-1]


def test_ctrl_c_leaves_it_running_and_says_so(plane: Plane) -> None:
    command = [sys.executable, "-m", "fogline", "federations", "follow", "digits"]
    environment = {**os.environ, "FOGLINE_URL": plane.server.url, "FOGLINE_CREDENTIAL": "operator"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stderr is not None
        assert "digits  running" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "the federation goes on; `fogline federations cancel digits` ends it" in said
    assert {method for method, _ in plane.asked} == {"GET"}


def test_a_picture_is_drawn_into_the_file(fogline: Fogline, plane: Plane, tmp_path: Path) -> None:
    said = fogline("federations", "picture", "digits", "--out", tmp_path / "a.png")
    assert (said.code, said.out, said.err) == (0, f"drawn: {tmp_path / 'a.png'}\n", "")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    refused = fogline("federations", "picture", "digits", "--out", tmp_path / "a.txt")
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
