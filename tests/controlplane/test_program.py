"""The program: one ready line, one line for whatever is wrong, and nothing left behind."""

import json
import signal
import socket
import stat
import subprocess
from pathlib import Path

import httpx
import pytest

from controlplane.plane import open_plane
from controlplane.settings import PREFIX, Settings, load
from shared.errors import SettingsError, StorageError
from tests.controlplane.program import command, ended, program


def test_it_says_when_it_listens_and_ends_on_sigterm(tmp_path: Path) -> None:
    with program(tmp_path / "state") as running:
        assert httpx.get(f"{running.url}/healthz", timeout=20).status_code == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0


def test_sigterm_ends_it_while_a_stream_is_open(tmp_path: Path) -> None:
    with program(tmp_path / "state") as running:
        headers = {"Authorization": f"Bearer {running.credential}"}
        with httpx.stream("GET", f"{running.url}/v1/events", headers=headers, timeout=20) as response:
            running.process.send_signal(signal.SIGTERM)
            assert [line for line in response.iter_lines() if line] == []
        assert running.process.wait(20) == 0


def test_the_operator_s_credential_is_its_owner_s_alone_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere" / "credential"
    for _ in range(2):
        with program(tmp_path / "state", "--operator-credential-file", str(file)) as running:
            secret = file.read_text().strip()
            headers = {"Authorization": f"Bearer {secret}"}
            assert httpx.get(f"{running.url}/v1/nodes", headers=headers, timeout=20).status_code == 200
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(secret) >= 43


def test_a_taken_port_is_one_line_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = ended(tmp_path / "state", "--port", str(taken.getsockname()[1]))
    assert outcome.returncode == SettingsError.exit_code
    assert one_line(outcome).startswith("controlplane: cannot listen on 127.0.0.1:")
    assert not (tmp_path / "state").exists()


def test_a_state_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = ended(tmp_path / "file" / "state")
    assert outcome.returncode == StorageError.exit_code
    assert str(tmp_path / "file" / "state") in one_line(outcome)


def test_a_second_control_plane_on_the_same_folder_is_one_line(tmp_path: Path) -> None:
    with program(tmp_path):
        outcome = ended(tmp_path)
    assert outcome.returncode == StorageError.exit_code
    assert "in use by another control plane" in one_line(outcome)


def test_a_database_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "controlplane.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 100)
    outcome = ended(tmp_path)
    assert outcome.returncode == StorageError.exit_code
    assert "not a database" in one_line(outcome)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--port", "70000"), "port: 70000"),
        (("--port", "http"), "port: 'http'"),
        (("--stale-after-s", "0"), "stale-after-s: must be greater than 0"),
        (("--tls-key", "key.pem"), "tls-certificate and tls-key"),
        (("--log-level", "LOUD"), "log-level"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(flags: tuple[str, ...], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(flags, {})


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    outcome = ended(tmp_path, "--tls-key", "no.pem", "--tls-certificate", "no.pem")
    assert outcome.returncode == SettingsError.exit_code
    assert "tls-certificate or tls-key cannot be used" in one_line(outcome)


def test_a_database_url_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="database URL"):
        open_plane(Settings(state_dir=tmp_path, database_url="nonsense"))


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    """The kernel refuses every file longer than 0 bytes."""
    limited = ["prlimit", "--fsize=0", *command(tmp_path / "state")]
    outcome = subprocess.run(limited, capture_output=True, text=True, timeout=50, check=False)
    assert outcome.returncode == StorageError.exit_code
    assert len(outcome.stderr.splitlines()) == 1


def one_line(outcome: subprocess.CompletedProcess[str]) -> str:
    (line,) = outcome.stderr.splitlines()
    assert outcome.stdout == ""
    return line


def test_flags_go_before_the_environment_and_that_before_defaults() -> None:
    environment = {PREFIX + "PORT": "1", PREFIX + "HEARTBEAT_S": "2.5", "PORT": "3"}
    assert load(["--port", "4"], environment) == Settings(port=4, heartbeat_s=2.5)
    assert load([], {}) == Settings()


def test_a_variable_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingsError, match="FOGLINE_CONTROLPLANE_PROT"):
        load([], {PREFIX + "PROT": "1"})


def test_it_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    assert load([], {}).host == "127.0.0.1"


def test_the_log_is_json_lines_without_secrets(tmp_path: Path) -> None:
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    httpx.get(f"{url}/v1/nodes", headers={"Authorization": "Bearer guessed-credential"}, timeout=20)
    process.terminate()
    _, log = process.communicate(timeout=20)
    assert [json.loads(line)["message"] for line in log.splitlines()] == ["no valid credential: GET /v1/nodes"]
