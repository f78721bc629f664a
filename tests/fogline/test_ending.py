"""How commands end: exit codes by class of error, one line each, no traceback."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer

from fogline.ending import code_of
from shared.errors import (
    ArtifactError,
    ClusterError,
    ControlPlaneError,
    DocumentError,
    FoglineError,
    SettingsError,
    StorageError,
    UnavailableError,
)
from tests.fogline.stage import Fogline

FOGLINE = Path(sys.executable).with_name("fogline")


def fails(error: BaseException) -> Callable[[], object]:
    def command() -> object:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("x"), 2),
        (DocumentError("x", field="tiers[0]"), 3),
        (ArtifactError("x"), 4),
        (ClusterError("x"), 7),
        (StorageError("x"), 8),
        (ControlPlaneError("x", status=409), 9),
        (UnavailableError("x"), 10),
        (FoglineError("x"), 1),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
        (RuntimeError("x"), 70),
    ],
)
def test_each_class_of_error_has_its_exit_code(
    error: BaseException, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert code_of(fails(error)) == code
    assert len(capfd.readouterr().err.splitlines()) <= 1


def test_a_mistake_of_ours_shows_its_traceback_only_when_asked(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code_of(fails(RuntimeError("oops")))
    assert "Traceback" not in capfd.readouterr().err
    monkeypatch.setenv("FOGLINE_TRACEBACK", "1")
    code_of(fails(RuntimeError("oops")))
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["nodes", "lst"],
        ["nodes", "show"],
        ["nodes", "list", "--no-such-option"],
        ["deployments", "threshold", "x", "edge", "1.5"],
        ["deployments", "threshold", "x", "edge", "much"],
        ["deployments", "put", "nowhere.toml"],
        ["nodes", "list"],
        ["nodes", "list", "--url", "not a url", "--credential-file", os.devnull],
        ["send", "only-one-place"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_on_stderr_and_2(fogline: Fogline, arguments: list[str]) -> None:
    said = fogline(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("fogline: ")
    assert len(said.err.splitlines()) == 1


def test_a_group_without_a_command_shows_its_help(fogline: Fogline) -> None:
    said = fogline("kafka")
    assert said.code == 2
    assert "\nCommands:\n  start " in said.err


def test_a_control_plane_that_is_not_there_is_one_line_and_9(fogline: Fogline, tmp_path: Path) -> None:
    credential = tmp_path / "credential"
    credential.write_text("x")
    said = fogline("nodes", "list", "--url", "http://127.0.0.1:9", "--credential-file", credential)
    assert said.code == 9
    assert said.err == "fogline: cannot reach the control plane at http://127.0.0.1:9: [Errno 111] Connection refused\n"


class Endless(BaseHTTPRequestHandler):
    """A stream of events that never ends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        event = b'{"sequence": 1, "time": "now", "kind": "node_enrolled", "subject": "edge-1"}\n'
        try:
            while True:
                self.wfile.write(event)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def endless() -> "subprocess.Popen[str]":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **os.environ,
        "FOGLINE_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "FOGLINE_CREDENTIAL": "x",
    }
    return subprocess.Popen(
        [FOGLINE, "events"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def test_control_c_is_130_and_says_nothing(endless: "subprocess.Popen[str]") -> None:
    assert endless.stdout is not None
    assert "node enrolled" in endless.stdout.readline()
    endless.send_signal(signal.SIGINT)
    _, err = endless.communicate(timeout=30)
    assert (endless.returncode, err) == (130, "")


def test_a_reader_that_has_seen_enough_ends_it_quietly(endless: "subprocess.Popen[str]") -> None:
    assert endless.stdout is not None
    endless.stdout.readline()
    endless.stdout.close()
    assert endless.stderr is not None
    err = endless.stderr.read()
    endless.stderr.close()
    assert (endless.wait(30), err) == (1, "")
