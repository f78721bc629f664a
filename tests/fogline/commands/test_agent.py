"""`fogline agent run` becomes the agent."""

import os
import subprocess
import sys
from pathlib import Path

FOGLINE = Path(sys.executable).with_name("fogline")


def test_what_follows_is_the_agents_own_even_beside_a_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "__main__.py").write_text("raise SystemExit('taken for ours')")
    (tmp_path / "agent" / "__init__.py").touch()
    command = [str(FOGLINE), "agent", "run", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--control-plane" in done.stdout


def test_it_stays_one_process(tmp_path: Path) -> None:
    """A supervisor's pid is the agent's: its exit code and its line of error come from the same process."""
    command = [str(FOGLINE), "agent", "run", "--no-such-flag"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "fogline-agent" in err
