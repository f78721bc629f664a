"""From a run's folder to a verdict."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from shared.errors import SettingsError
from simulations.experiment.read import load
from simulations.measurement import run_folder
from simulations.measurement.run_folder import DONE
from simulations.model.service import ServiceTimes
from simulations.model.service import load as load_service
from simulations.validation.parts import Part
from simulations.validation.validate import fitted_to_least, read, validate, write

MakeParts = Callable[..., tuple[Part, ...]]


@pytest.fixture
def run(tmp_path: Path, make_parts: MakeParts, known_file: str) -> Path:
    (tmp_path / "experiment.toml").write_text(known_file)
    for part in make_parts(0, 1, 2):
        for number, tables in zip(part.numbers, part.repetitions, strict=True):
            folder = run_folder.folder(tmp_path, part.cell.index, number)
            run_folder.write(folder, tables)
            (folder / DONE).write_text("{}")
    return tmp_path


def test_a_run_that_the_model_made_is_predicted_by_it(run: Path) -> None:
    file, tables = read(run)
    found = validate(file, tables, folder=run)
    assert found.is_valid
    assert found.worst < 0.07
    assert {one.cell for one in found.errors} == {0, 2}
    assert found.fitted_to.startswith("cell 1")


def test_service_times_are_fitted_to_the_least_load(run: Path, true_times: ServiceTimes) -> None:
    found = fitted_to_least(*read(run))
    for tier, true in true_times.tiers.items():
        fitted = found.of(tier)
        assert fitted.infer_s + fitted.infer_record_s == pytest.approx(true.infer_record_s, rel=0.1)
        assert fitted.append_s == pytest.approx(true.append_s, rel=0.1)
        assert fitted.fetch_s == pytest.approx(true.fetch_s, rel=0.2)


def test_the_verdict_and_the_service_times_can_be_read_again(run: Path, tmp_path: Path) -> None:
    found = validate(*read(run), folder=run)
    write(found, tmp_path / "out")
    said = msgspec.json.decode((tmp_path / "out" / "validation.json").read_bytes())
    assert said["is_valid"] is True
    assert [one["figure"] for one in said["errors"][:3]] == ["latency_p50", "latency_p95", "throughput"]
    assert load_service(tmp_path / "out" / "service.json") == found.service


def test_a_folder_without_a_run_is_refused(tmp_path: Path, known_file: str) -> None:
    with pytest.raises(SettingsError, match="is no run"):
        read(tmp_path)
    (tmp_path / "experiment.toml").write_text(known_file)
    with pytest.raises(SettingsError, match="no repetition"):
        read(tmp_path)
    assert load(tmp_path / "experiment.toml").experiment.name == "known"
