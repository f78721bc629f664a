"""`fogline models exits`, as it is typed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.exiting.calibration import Calibration, calibrate
from agent.training.exiting.parts import parted
from fogline.tables.exits import threshold
from shared.documents import Measure, decode
from tests.fogline.exits_of_a_chain import RECORDS, outputs, saved
from tests.fogline.stage import Fogline

LINKS = [{"bytes_per_s": 1e5, "fixed_s": 0.01}, {"bytes_per_s": 1e6, "fixed_s": 0.02}]
COSTS = {"tier_s": [0.002, 0.003, 0.004], "cut_bytes": [400, 300], "links": LINKS}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return saved(tmp_path / "outputs.npz", outputs())


@pytest.fixture
def costs(tmp_path: Path) -> Path:
    path = tmp_path / "costs.json"
    path.write_text(json.dumps(COSTS))
    return path


def test_json_is_the_calibration_of_the_records_that_the_seed_draws(fogline: Fogline, file: Path) -> None:
    said = fogline("models", "exits", file, "--risk", "0.02", "--measure", "margin", "--seed", "3", "--json")
    assert (said.code, said.err) == (0, "")
    arrays = outputs()
    parts = parted(RECORDS, seed=3, risk=0.02, confidence=0.9, of_temperature=1e-9)
    wanted = calibrate(
        [arrays[tier] for tier in ("edge", "fog", "cloud")],
        arrays["labels"].astype(np.int64),
        parts,
        measures=[Measure.MARGIN] * 2,
        risk=0.02,
        confidence=0.9,
    )
    assert decode(said.out, Calibration) == wanted
    assert wanted.choice.records == RECORDS - RECORDS // 5 - 1


def test_the_promise_comes_first_then_exits_then_what_it_means(fogline: Fogline, file: Path, costs: Path) -> None:
    words = ("models", "exits", file, "--risk", "0.02", "--confidence", "0.95", "--costs", costs)
    said, found = fogline(*words), decode(fogline(*words, "--json").out, Calibration)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == f"{found.choice.sentence}."
    chosen, alone = found.points[found.choice.step], found.points[0]
    for tier, value in zip(("edge", "fog"), found.choice.thresholds, strict=True):
        assert [tier, threshold(value)] in [line.split()[:2] for line in said.out.splitlines()]
    assert f"{chosen.accuracy:.2%}" in said.out
    assert f"{alone.accuracy:.2%}" in said.out
    assert "expected latency" in said.out
    assert "expected bytes" in said.out
    assert "exported, encoded chain as deployed" in said.out


def test_without_costs_nothing_is_said_of_latency(fogline: Fogline, file: Path) -> None:
    assert "expected" not in fogline("models", "exits", file, "--risk", "0.02").out


def test_an_exit_that_may_not_answer_never_does(fogline: Fogline, tmp_path: Path) -> None:
    arrays = outputs()
    hopeless = {"labels": arrays["labels"], "edge": np.roll(arrays["cloud"], 1, axis=1), "cloud": arrays["cloud"]}
    said = fogline("models", "exits", saved(tmp_path / "a.npz", hopeless), "--risk", "0.01", "--steps", "1")
    assert said.code == 0
    assert said.out.startswith("No exit may answer")
    assert ["edge", "never", "0.0%"] in [line.split() for line in said.out.splitlines()]


def test_no_records_prove_nothing(fogline: Fogline, tmp_path: Path) -> None:
    none = {name: array[:0] for name, array in outputs().items()}
    said = fogline("models", "exits", saved(tmp_path / "a.npz", none), "--risk", "0.01")
    assert said.code == 2
    assert "0 records to test cannot prove" in said.err


@given(st.floats(0, 1, width=32))
def test_a_threshold_that_is_typed_again_is_the_same_in_single_precision(value: float) -> None:
    assert np.float32(float(threshold(value))) == np.float32(value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--risk", "0.0001"], "1199 records to test cannot prove a risk of 0.0001 at confidence 0.9"),
        (["--risk", "0"], "risk 0 is not between 0 and 1"),
        (["--risk", "nan"], "risk nan is not between 0 and 1"),
        (["--risk", "0.01", "--confidence", "1"], "confidence 1 is not between 0 and 1"),
        (["--risk", "0.01", "--steps", "1"], "--steps 1 cannot lower each of 2 thresholds"),
        (["--risk", "0.01", "--plot", "trade.pdf"], "trade.pdf is no picture that can be drawn"),
        (["--risk", "0.01", "--measure", "taste"], "taste"),
        ([], "--risk"),
    ],
)
def test_what_cannot_be_promised_is_told_in_one_line(fogline: Fogline, file: Path, words: list[str], said: str) -> None:
    heard = fogline("models", "exits", file, *words)
    assert (heard.code, heard.out) == (2, "")
    assert said in heard.err
    assert len(heard.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tier_s": [1, 1], "cut_bytes": [1], "links": LINKS[:1]}, "links: in {file}: 1 links"),
        ({"tier_s": [1, 1]}, "in {file}: `cut_bytes` and `links` need one entry"),
        ({"links": [{"bytes_per_s": 0}, {"bytes_per_s": 1}]}, "links[0].bytes_per_s: in {file}: "),
        ({"cut_bytes": ["many", 1]}, "cut_bytes[0]: in {file}: "),
    ],
)
def test_costs_that_do_not_fit_name_the_field(
    fogline: Fogline, file: Path, tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(COSTS | changes))
    heard = fogline("models", "exits", file, "--risk", "0.02", "--costs", wrong)
    assert heard.code == 3
    assert said.format(file=wrong) in heard.err


@pytest.mark.parametrize(("name", "start"), [("trade.svg", b"<?xml"), ("trade.PNG", b"\x89PNG")])
def test_the_trade_is_drawn_as_its_name_says(
    fogline: Fogline, file: Path, costs: Path, tmp_path: Path, name: str, start: bytes
) -> None:
    picture = tmp_path / name
    said = fogline("models", "exits", file, "--risk", "0.02", "--costs", costs, "--plot", picture)
    assert (said.code, said.err) == (0, "")
    assert f"The whole trade is drawn in {picture}." in said.out
    assert picture.read_bytes().startswith(start)


def test_a_picture_without_its_library_says_how_to_get_it(
    fogline: Fogline, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as Python marks what cannot be imported
    said = fogline("models", "exits", file, "--risk", "0.02", "--plot", tmp_path / "trade.svg")
    assert said.code == 10
    assert said.err == "fogline: a picture needs matplotlib: pip install 'fogline[experiments]'\n"
    assert fogline("models", "exits", file, "--risk", "0.02").code == 0


def test_a_picture_that_cannot_be_written_names_its_file(fogline: Fogline, file: Path, tmp_path: Path) -> None:
    said = fogline("models", "exits", file, "--risk", "0.02", "--plot", tmp_path / "nowhere" / "trade.svg")
    assert said.code == 8
    assert str(tmp_path / "nowhere" / "trade.svg") in said.err
