"""`fogline simulate model`, `validate` and `plan`, as they are typed."""

import json
from pathlib import Path

import pytest

from fogline.cli import run

FILE = """
api_version = "fogline/v1"
kind = "experiment"
name = "typed"
repetitions = 2
tiers = [{ name = "edge" }, { name = "fog" }, { name = "cloud" }]
links = [{ between = ["edge", "fog"], preset = "wan" }]
load = { clients = 4, rate = "10 /s", duration = "5 s" }
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typed.toml").write_text(FILE)
    return "typed.toml"


def test_a_model_says_that_it_is_one(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "model", file, "--out", "out", "--repetitions", "1"]) == 0
    said = capsys.readouterr().out
    assert "modelled, not measured; service times: docs/benchmarks.md" in said
    assert "the report is out/report.html" in said
    assert json.loads(Path("out/manifest.json").read_bytes())["modelled"].startswith("docs/benchmarks.md")


def test_a_model_of_too_many_records_keeps_figures(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "model", file, "--out", "out", "--most-records", "10", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [said["turns"], said["turns_with_records"], said["report"]] == [2, 0, None]
    assert said["cells"][0]["latency_ms"]["p50"] > 0
    assert run(["simulate", "model", file, "--out", "out", "--most-records", "10"]) == 0
    assert "2 of 2 turns have too many records for rows" in capsys.readouterr().out


def test_service_times_can_be_a_file_or_a_fit_and_not_both(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "model", file, "--service", "a.json", "--fit", "runs/one"]) == 2
    assert "name one of them" in capsys.readouterr().err
    assert run(["simulate", "model", file, "--fit", "nowhere", "--out", "out"]) == 2
    assert "nowhere is no run" in capsys.readouterr().err


def test_a_plan_names_nodes_and_what_breaks_first(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "plan", file, "--p99", "2 s"]) == 0
    said = capsys.readouterr().out
    assert "meets the target of 2,000.0 ms" in said
    assert "breaks first: " in said
    assert run(["simulate", "plan", file, "--p99", "2 s", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["nodes"] == {"edge": 1, "fog": 1, "cloud": 1}


def test_a_target_that_nothing_meets_has_an_exit_code(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "plan", file, "--p99", "1 ms", "--most-nodes", "2"]) == 1
    assert "more nodes do not help" in capsys.readouterr().out


@pytest.mark.parametrize(("p99", "said"), [("200", "needs a number and a unit"), ("0 s", "in no time")])
def test_a_target_names_its_unit(p99: str, said: str, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "plan", file, "--p99", p99]) == 3
    assert said in capsys.readouterr().err


def test_a_load_without_a_rate_cannot_be_planned_for(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(file).write_text(FILE.replace('rate = "10 /s", duration = "5 s"', 'arrivals = "burst", records = 5'))
    assert run(["simulate", "plan", file, "--p99", "2 s"]) == 3
    assert "load.rate" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["typed.toml", "--run", "runs/one"]])
def test_what_to_validate_is_a_file_or_a_run(words: list[str], file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "validate", *words]) == 2
    assert "either an experiment FILE or a --run" in capsys.readouterr().err


def test_a_run_is_validated_and_the_verdict_kept(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A modelled run, which the model of course predicts."""
    Path(file).write_text(FILE.replace("repetitions = 2", "repetitions = 4").replace('"5 s"', '"20 s"'))
    assert run(["simulate", "model", file, "--out", "out"]) == 0
    capsys.readouterr()
    assert run(["simulate", "validate", "--run", "out", "--out", "verdict"]) == 0
    said = capsys.readouterr().out
    assert "fitted to every other repetition" in said
    assert "must be at most 15.0%, aim 7.0%" in said
    assert json.loads(Path("verdict/validation.json").read_bytes())["is_valid"] is True
