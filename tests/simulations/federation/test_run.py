"""Whole experiments, their runs in processes of their own: PyTorch and TensorFlow do not bear each other."""

from pathlib import Path

import pytest

from shared.errors import DocumentError, ModelError
from simulations.federation.outcome import Outcome
from simulations.federation.read import load
from simulations.federation.run import run
from simulations.federation.said import Going
from tests.simulations.federation.written import TEXT, write

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def made(file: Path, told: dict[int, list[Going]] | None = None) -> Outcome:
    def hear(seed: int, going: Going) -> None:
        if told is not None:
            told.setdefault(seed, []).append(going)

    return run(file, load(file), processes=2, threads=1, told=hear)


def without_times(outcome: Outcome) -> list[tuple[object, ...]]:
    return [(one.seed, one.model, one.up_bytes, one.passes, one.virtual_s) for one in outcome.seeds]


def test_sites_of_one_class_each_learn_both_and_do_so_again(tmp_path: Path) -> None:
    told: dict[int, list[Going]] = {}
    outcome = made(write(tmp_path), told)
    assert outcome.accuracy > 0.95
    assert [one.seed for one in outcome.seeds] == [1, 2]
    assert [version.round for version in outcome.seeds[0].versions] == [7, 14, 21, 28, 30]
    assert outcome.seeds[0].model != outcome.seeds[1].model
    assert all(those[-1].accuracy is not None for those in told.values())
    assert sorted(told) == [1, 2]
    for one in outcome.seeds:
        assert one.accepted == 60
        assert 5 < one.passes < 7
        assert one.up_bytes == one.float32_bytes == one.down_bytes > 0
    # Also judged after every model, which changes none of them.
    again = made(write(tmp_path, TEXT.replace("judge_every = 7", "judge_every = 1")))
    assert [len(one.versions) for one in again.seeds] == [30, 30]
    assert without_times(again) == without_times(outcome)


def test_hostile_sites_that_join_late_and_crash_over_thin_links_are_all_counted(tmp_path: Path) -> None:
    text = TEXT.replace('kind = "few-classes", classes = 1', 'kind = "evenly"').replace("seeds = [1, 2]", "seeds = [3]")
    more = """
hostile = { sites = 1, attack = "nan" }
absence = { crashes = "20 %", joining = { sites = 1, after = "300 s" }, leaving = { sites = 1, updates = 9 } }
link = { up = "1 kbit/s", down = "2 kbit/s" }
encoding = { kind = "int8" }
"""
    (one,) = made(write(tmp_path, text + more)).seeds
    assert one.rounds == 30
    assert list(one.refused) == ["tensor 'layer.bias' holds NaN or infinities"]
    assert one.accuracy > 0.95


def test_a_network_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    file = write(tmp_path)
    (tmp_path / "points.py").write_text("def network():\n    return 3\n")
    with pytest.raises(ModelError, match=r"points.py:1: network\(\) returns int"):
        made(file)


def test_data_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = write(tmp_path)
    (tmp_path / "test.npz").write_text("no arrays")
    with pytest.raises(DocumentError, match=r"test.npz is no .npz file") as failed:
        made(file)
    assert failed.value.field == "data.test"
