"""What is started can be found from the first moment on, and what cannot be found is not started."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from simulations.kafka.anchor import CANNOT_WRITE, anchored, started
from simulations.programs import await_condition


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


def test_the_file_names_what_became_the_command(folder: Path) -> None:
    told = folder / "told"
    command = anchored(
        folder / "node-1.pid", ["/bin/sh", "-c", f"echo $$ > {told}.new; mv {told}.new {told}; sleep 60"]
    )
    assert subprocess.run(command, check=False).returncode == 0
    found = json.loads((folder / "node-1.pid").read_bytes())
    try:
        assert await_condition(told.exists, deadline_s=60)
        assert (found["pid"], found["started"]) == (int(told.read_text()), started(found["pid"]))
    finally:
        os.killpg(found["pid"], 9)


def test_the_file_is_the_old_one_or_the_new_one_and_never_half(folder: Path) -> None:
    """Who has the old one open reads on in it: nothing is written into a file that is there."""
    file, kept = folder / "node-1.pid", folder / "kept"
    file.write_text("as it was")
    os.link(file, kept)
    assert subprocess.run(anchored(file, ["/bin/true"]), check=False).returncode == 0
    assert kept.read_text() == "as it was"
    assert json.loads(file.read_bytes())["pid"] > 0
    assert sorted(path.name for path in folder.iterdir()) == ["kept", "node-1.pid"]


def test_where_no_file_can_be_written_nothing_is_started(folder: Path) -> None:
    told = folder / "told"
    command = anchored(folder / "nowhere" / "node-1.pid", ["/bin/sh", "-c", f"touch {told}"])
    assert subprocess.run(command, check=False).returncode == CANNOT_WRITE
    assert not told.exists()
