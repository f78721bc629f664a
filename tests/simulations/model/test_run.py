"""A modelled run is a folder like a real one's, the same to the byte each time."""

import json
from pathlib import Path

import pytest

from shared.errors import SettingsError
from simulations.experiment.read import ExperimentFile, load
from simulations.measurement.run_folder import finished, read_run
from simulations.model.repetitions import with_repetitions
from simulations.model.run import run
from simulations.model.service import from_bench

FILE = """
api_version = "fogline/v1"
kind = "experiment"
name = "modelled"
repetitions = 2
tiers = [{ name = "edge" }, { name = "fog" }]
links = [{ between = ["edge", "fog"], preset = "wan" }]
network = { planted = { shares = ["50 %"] } }
load = { clients = 2, rate = "10 /s", duration = "5 s", warm_up = "1 s" }

[sweep.grid]
"load.clients" = [2, 4]
"""


@pytest.fixture
def experiment(tmp_path: Path) -> ExperimentFile:
    path = tmp_path / "one.toml"
    path.write_text(FILE)
    return load(path)


def quietly(_: str) -> None:
    """Nobody listens."""


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_input_gives_the_same_bytes(experiment: ExperimentFile, tmp_path: Path) -> None:
    service = from_bench(experiment.experiment.tiers)
    for name in ("one", "two"):
        run(experiment, tmp_path / name, service, say=quietly)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one == two
    assert len(finished(tmp_path / "one")) == 4


def test_every_cell_and_repetition_has_its_tables_and_figures(experiment: ExperimentFile, tmp_path: Path) -> None:
    made = run(experiment, tmp_path / "run", from_bench(experiment.experiment.tiers), say=quietly)
    tables = read_run(tmp_path / "run")
    assert [(one.name, one.repetitions) for one in made.cells] == [("2 clients", 2), ("4 clients", 2)]
    assert made.turns == made.with_records == 4
    assert sum(2 * one.sent for one in made.cells) == len(tables.records["id"])
    assert made.cells[0].exit_shares == pytest.approx({"edge": 0.5, "fog": 0.5}, abs=0.05)
    assert set(tables.links["link"].tolist()) == {"edge-fog"}


def test_too_many_records_leave_their_figures(experiment: ExperimentFile, tmp_path: Path) -> None:
    service = from_bench(experiment.experiment.tiers)
    whole = run(experiment, tmp_path / "whole", service, say=quietly)
    made = run(experiment, tmp_path / "run", service, say=quietly, most_records=4 * 150)
    assert made.with_records == 2
    assert made.cells[1].latency_ms == whole.cells[1].latency_ms
    assert read_run(tmp_path / "run").cells() == (0,)


def test_what_was_done_is_not_done_again(experiment: ExperimentFile, tmp_path: Path) -> None:
    service, out = from_bench(experiment.experiment.tiers), tmp_path / "run"
    first = run(experiment, out, service, say=quietly)
    written = (finished(out)[0] / "records.parquet").stat().st_mtime_ns
    again = run(experiment, out, service, say=quietly)
    assert again == first
    assert (finished(out)[0] / "records.parquet").stat().st_mtime_ns == written


def test_results_of_something_else_are_not_mixed_in(experiment: ExperimentFile, tmp_path: Path) -> None:
    service, out = from_bench(experiment.experiment.tiers), tmp_path / "run"
    run(experiment, out, service, say=quietly)
    with pytest.raises(SettingsError, match="something else"):
        run(with_repetitions(experiment, 3), out, service, say=quietly)


def test_a_search_is_made_by_the_model_too(tmp_path: Path) -> None:
    search = """
[search]
setting = "load.rate"
low = "10 /s"
high = "5000 /s"
tolerance = "50 %"
sustained = { p99 = "150 ms" }
"""
    path = tmp_path / "search.toml"
    path.write_text(FILE[: FILE.index("[sweep.grid]")].replace("repetitions = 2", "repetitions = 1") + search)
    file = load(path)
    made = run(file, tmp_path / "run", from_bench(file.experiment.tiers), say=quietly)
    assert made.turns == made.with_records > 2
    assert json.loads((tmp_path / "run" / "knee.json").read_bytes())


def test_a_folder_in_use_is_left_alone(experiment: ExperimentFile, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("do not touch")
    with pytest.raises(SettingsError, match="something else"):
        run(experiment, tmp_path / "mine", from_bench(experiment.experiment.tiers), say=quietly)
