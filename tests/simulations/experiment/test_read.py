from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from shared.errors import DocumentError, SettingsError
from simulations.experiment.document import Load
from simulations.experiment.read import load, parse, trace
from tests.simulations.experiment.written import TWO_TIERS, experiment


def test_a_file_is_read_with_its_digest_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "two.toml"
    path.write_text(TWO_TIERS)
    found = load(path)
    assert found.experiment == parse(TWO_TIERS)
    assert found.text == TWO_TIERS
    assert found.digest == sha256(TWO_TIERS.encode()).hexdigest()
    assert found.folder == tmp_path


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.toml cannot be read: No such file"):
        load(tmp_path / "gone.toml")


@pytest.mark.parametrize(
    ("broken", "field", "reason"),
    [
        (TWO_TIERS.replace('"30 s"', '"30"'), "load.duration", "needs a number and a unit"),
        (TWO_TIERS.replace("rate =", "rates ="), "load", "unknown field `rates`"),
        (TWO_TIERS.replace('"cloud"\n', '"cloud"\nreplicas = 0\n'), "tiers[1].replicas", ">= 1"),
        (TWO_TIERS.replace("0.8", "nan"), "tiers[0].exit.threshold", "Expected `float`"),
        ("seed = [", "", "not TOML"),
        ("seed = " + "[" * 100_000, "", "not TOML"),
        (TWO_TIERS + "[sweep.grid]\nload.clients = 8\n", "sweep.grid.load.clients", "a list of values"),
    ],
)
def test_a_wrong_file_is_told_with_its_name_and_the_field(tmp_path: Path, broken: str, field: str, reason: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(broken)
    with pytest.raises(DocumentError, match=r"broken\.toml") as raised:
        load(path)
    assert raised.value.field == field
    assert reason in raised.value.reason


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DocumentError, match="not UTF-8"):
        load(path)


def test_settings_of_a_sweep_need_no_quotes() -> None:
    quoted = parse(TWO_TIERS + '[sweep.grid]\n"load.clients" = [1, 8]\n"tiers.edge.replicas" = [1]\n')
    plain = parse(TWO_TIERS + "[sweep.grid]\nload.clients = [1, 8]\ntiers.edge.replicas = [1]\n")
    assert plain == quoted


def test_settings_of_a_list_change_only_what_they_name() -> None:
    plain = parse(TWO_TIERS + "[[sweep.list]]\nload.clients = 8\n")
    assert plain.sweep.list == ({"load.clients": 8},)


def test_a_setting_written_in_both_ways_is_refused() -> None:
    with pytest.raises(DocumentError, match="set twice"):
        parse(TWO_TIERS + '[sweep.grid]\n"load.clients" = [1]\nload.clients = [8]\n')


def traced(name: str) -> Load:
    return experiment(load={"arrivals": "trace", "trace": name}).load


def test_a_trace_is_read_beside_the_experiment_in_ascending_order(tmp_path: Path) -> None:
    (tmp_path / "times.txt").write_text("0.5\n\n0\n 2e-1 \n")
    times = trace(traced("times.txt"), tmp_path)
    assert times is not None
    np.testing.assert_array_equal(times, [0.0, 0.2, 0.5])


@pytest.mark.parametrize("line", ["soon", "-1", "nan", "inf"])
def test_a_line_of_a_trace_that_is_no_time_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "times.txt").write_text(f"0.5\n{line}\n")
    with pytest.raises(DocumentError, match=r"line 2 of .*times\.txt"):
        trace(traced("times.txt"), tmp_path)


def test_an_empty_trace_and_one_that_is_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(DocumentError, match="holds no times"):
        trace(traced("empty.txt"), tmp_path)
    with pytest.raises(SettingsError, match="cannot be read"):
        trace(traced("gone.txt"), tmp_path)


def test_other_arrivals_have_no_trace(tmp_path: Path) -> None:
    assert trace(experiment().load, tmp_path) is None
