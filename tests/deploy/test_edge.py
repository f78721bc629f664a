"""An edge box: a unit systemd accepts, settings the agent accepts, an installer that says what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.settings_sources import load

EDGE = Path(__file__).parents[2] / "deploy/edge"
INSTALLED = "/opt/fogline/bin/fogline-agent"


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    text = (EDGE / "fogline-agent.service").read_text()
    assert f"ExecStart={INSTALLED} " in text
    program = Path(sys.executable).parent / "fogline-agent"
    unit = tmp_path / "fogline-agent.service"
    unit.write_text(text.replace(INSTALLED, str(program)))
    outcome = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_the_agent_accepts_the_sample_settings(tmp_path: Path) -> None:
    file = tmp_path / "agent.toml"
    token = tmp_path / "token"
    token.write_text("a token")
    file.write_text((EDGE / "agent.toml").read_text().replace("/etc/fogline/token", str(token)))
    settings = load({"settings": file}, {})
    assert (settings.name, settings.labels["tier"], settings.token) == ("press-7", "edge", "a token")
    assert "edge" in settings.clusters


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--unknown"], "unknown option --unknown"),
        (["--name"], "--name needs a name"),
        ([], "--control-plane is missing"),
        (["--control-plane", "http://127.0.0.1:1"], "--token-file is missing"),
        (["--control-plane", "http://127.0.0.1:1", "--token-file", "/nowhere"], "cannot read /nowhere"),
    ],
)
def test_the_installer_says_what_is_wrong_before_it_changes_anything(arguments: list[str], message: str) -> None:
    if os.geteuid() != 0 and "missing" in message:
        message = "run it as root"
    outcome = subprocess.run([EDGE / "install.sh", *arguments], capture_output=True, text=True, check=False)
    assert outcome.returncode == 2
    assert message in outcome.stderr


def test_the_installer_is_plain_shell() -> None:
    subprocess.run(["sh", "-n", EDGE / "install.sh"], check=True)
