"""`fogline models cut`, as it is typed."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.training.cutting.bottleneck import most_records
from agent.training.cutting.latency import fastest, fewest_bytes
from agent.training.cutting.outcome import Comparison
from shared.documents import decode
from tests.agent.training.cutting.profiles import EXAMPLE, example
from tests.fogline.stage import Fogline


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "profile.json"
    path.write_text(json.dumps(EXAMPLE))
    return path


def test_the_best_cutting_is_told_with_its_parts_its_links_and_its_limit(fogline: Fogline, file: Path) -> None:
    said = fogline("models", "cut", file)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Least expected latency: cut after pool1")
    best = fastest(example()).best
    assert f"records/s the tier {best.busiest} cannot keep up." in said.out
    for part in best.parts:
        assert f" {part.tier} " in said.out
    assert "The next best:" in said.out
    assert "The best with so many tiers:" in said.out


def test_a_network_that_is_not_cut_has_no_links_to_tell_of(fogline: Fogline, tmp_path: Path) -> None:
    alone = {"network": {"input_bytes": 1}, "tiers": [{"name": "cloud", "segments": [{"time_s": 0}]}]}
    (tmp_path / "alone.json").write_text(json.dumps(alone))
    said = fogline("models", "cut", tmp_path / "alone.json").out
    assert said.startswith("Least expected latency: no cut, cloud runs all of it")
    assert "no tier or link is ever busy" in said
    assert "crosses it" not in said
    assert "The next best" not in said


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], fastest(example())),
        (["--keep", "2"], fastest(example(), keep=2)),
        (["--load", "100"], fastest(example(), busy_limit_s=0.01)),
        (["--for", "bytes"], fewest_bytes(example())),
        (["--for", "bytes", "--above", "fog"], fewest_bytes(example(), above="fog")),
        (["--for", "throughput"], most_records(example())),
    ],
)
def test_json_is_the_comparison(fogline: Fogline, file: Path, words: list[str], wanted: Comparison) -> None:
    said = fogline("models", "cut", file, *words, "--json")
    assert said.code == 0
    assert decode(said.out, Comparison) == wanted


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"links": []}, "links: in {file}: 3 tiers have 2 links between them, not 0"),
        ({"alive": {"pool1": 0.3}}, "alive: in {file}: the share that goes on after the exit at 'pool2' is missing"),
        ({"tiers": [{"nam": "edge"}]}, "tiers[0]: in {file}: Object "),
        ({"speed": 1}, "in {file}: Object contains unknown field `speed`"),
    ],
)
def test_a_mistake_in_a_profile_names_its_field(
    fogline: Fogline, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(EXAMPLE | changes))
    heard = fogline("models", "cut", file)
    assert heard.code == 3
    assert said.format(file=file) in heard.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--above", "edge"], 2, "--above counts the bytes on one link"),
        (["--for", "throughput", "--load", "5"], 2, "takes no --load"),
        (["--for", "beauty"], 2, "beauty"),
        (["--keep", "0"], 2, "--keep"),
        (["--for", "bytes", "--above", "cloud"], 3, "no link lies above a tier 'cloud'"),
        (["--load", "1e9"], 3, "no cutting is possible: each keeps a tier or a link busy for more than 1e-09 s"),
    ],
)
def test_what_cannot_be_answered_is_told_in_one_line(
    fogline: Fogline, file: Path, words: list[str], code: int, said: str
) -> None:
    heard = fogline("models", "cut", file, *words)
    assert (heard.code, heard.out) == (code, "")
    assert said in heard.err
    assert len(heard.err.splitlines()) == 1
