"""Turns, and a run that was interrupted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.errors import DocumentError, SettingsError
from simulations.experiment.read import load
from simulations.measurement.run_folder import DONE, finished, read_run
from simulations.running.code import digest
from simulations.running.run import run

FILE = """
api_version = "fogline/v1"
kind = "experiment"
name = "small"
repetitions = 1
tiers = [{ name = "edge", exit = { threshold = 0.75 } }, { name = "fog" }, { name = "cloud" }]

[load]
arrivals = "burst"
records = 20

[sweep.grid]
"load.clients" = [1, 2]
"""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def quietly(_: str) -> None:
    """Nobody listens."""


def test_a_quota_that_no_machine_gives_is_refused_before_anything_starts(tmp_path: Path) -> None:
    path = tmp_path / "one.toml"
    path.write_text(FILE.replace('{ name = "fog" }', '{ name = "fog", cpu = 0.0005 }'))
    with pytest.raises(DocumentError, match="the least that Linux takes") as refused:
        run(load(path), tmp_path / "run", now=NOW, say=quietly)
    assert refused.value.field == "tiers.fog.cpu"
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_goes_on_where_it_was_and_mixes_nothing(tmp_path: Path) -> None:
    path, out = tmp_path / "small.toml", tmp_path / "run"
    path.write_text(FILE)
    run(load(path), out, now=NOW, say=quietly)
    whole = read_run(out)
    assert [len(whole.records["id"]), len(finished(out))] == [60, 2]
    assert set(whole.records["answers"].tolist()) == {1}
    lost = finished(out)[1]
    (lost / DONE).unlink()
    kept = (finished(out)[0] / "records.parquet").stat().st_mtime_ns
    said: list[str] = []
    run(load(path), out, now=NOW, say=said.append)
    assert [line for line in said if line.startswith("1 of 1: ")]
    assert len(finished(out)) == 2
    assert (finished(out)[0] / "records.parquet").stat().st_mtime_ns == kept
    path.write_text(FILE.replace("records = 20", "records = 21"))
    with pytest.raises(SettingsError, match="another experiment"):
        run(load(path), out, now=NOW, say=quietly)
    path.write_text(FILE)
    (out / "manifest.json").write_text(
        (out / "manifest.json").read_text().replace(f'"code_digest": "{digest()}"', f'"code_digest": "{"0" * 64}"')
    )
    with pytest.raises(SettingsError, match="another version of the code"):
        run(load(path), out, now=NOW, say=quietly)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "small.toml", tmp_path / "run"
    path.write_text(FILE)
    out.mkdir()
    (out / "manifest.json").write_text('{"modelled": "here"}')
    with pytest.raises(SettingsError, match="something else"):
        run(load(path), out, now=NOW, say=quietly)
