"""What the command prints of a made-up run."""

import json
from pathlib import Path

import pytest

from simulations.measurement.rows import RecordRow
from simulations.measurement.run_folder import DONE, Tables, folder, write
from simulations.paper.__main__ import main

FILE = """
api_version = "fogline/v1"
kind = "experiment"
name = "made"
repetitions = 5
places = ["edge", "cloud"]
tiers = [{ name = "edge", exit = {} }, { name = "cloud" }]
load = { arrivals = "burst", records = 1 }

[[sweep.list]]
name = "cloud only"
tiers = [{ name = "cloud" }]

[[sweep.list]]
name = "edge and cloud"
"""


def record(cell: int, repetition: int) -> RecordRow:
    """Half a second from the cloud, a tenth of it from the edge."""
    return RecordRow(
        cell=cell,
        repetition=repetition,
        client=0,
        number=0,
        id="00",
        due_us=0,
        sent_us=0,
        answered_us=500_000 if cell == 0 else 50_000,
        tier="cloud" if cell == 0 else "edge",
        answers=1,
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "experiment.toml").write_text(FILE)
    for cell in (0, 1):
        for repetition in range(5):
            where = folder(tmp_path, cell, repetition)
            write(where, Tables.of(records=[record(cell, repetition)]))
            (where / DONE).write_text("{}")
    return tmp_path


def test_a_table_in_markdown(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("| whose | claim |")
    expected = "| paper | sooner than cloud only | edge and cloud; 1 client | latency_mean / cloud only | 0.1 |"
    assert lines[2].startswith(expected)
    assert lines[2].endswith("| holds |")


def test_the_same_for_machines(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run), "--json"]) == 0
    first, *_ = json.loads(capsys.readouterr().out)
    assert (first["run"], first["verdict"]) == (str(run), "holds")
    assert first["found"] == {"value": pytest.approx(0.1), "low": pytest.approx(0.1), "high": pytest.approx(0.1)}


def test_a_folder_without_a_run_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) != 0
    assert "is no run" in capsys.readouterr().err
