"""Two checkpoints, of which a damaged one is passed over."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from agent.training import array_file
from agent.training.checkpoints import Checkpoint, Checkpoints
from agent.training.fitting.standing import Standing
from shared.errors import DocumentError

WEIGHTS = {"0000/dense/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "0001/steps": np.array(3)}


def checkpoints(folder: Path, damaged: Callable[[str], None] = print, *, run: str = "one") -> Checkpoints[Standing]:
    return Checkpoints(folder=folder, run=run, standing=Standing, beside="best", damaged=damaged)


def of(step: int) -> Checkpoint[Standing]:
    return Checkpoint(standing=Standing(step=step), learner=WEIGHTS, beside={})


def save(folder: Path, count: int) -> list[str]:
    """So many of them, of step 1, 2 and so on; what is damaged will be said in the list."""
    said: list[str] = []
    for step in range(1, count + 1):
        checkpoints(folder, said.append).save(of(step))
    return said


def newest_step(folder: Path, said: list[str]) -> int | None:
    found = checkpoints(folder, said.append).newest()
    return None if found is None else found.standing.step


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    kept = checkpoints(tmp_path)
    assert kept.newest() is None
    standing = Standing(epoch=2, step=7, losses=(0.1, 1 / 3), records=112)
    kept.save(Checkpoint(standing=standing, learner=WEIGHTS, beside={"kernel": np.ones(2)}))
    found = kept.newest()
    assert found is not None
    assert found.standing == standing
    assert {name: array.tolist() for name, array in found.learner.items()} == {
        name: array.tolist() for name, array in WEIGHTS.items()
    }
    assert found.learner["0000/dense/kernel"].dtype == np.float32
    assert found.beside["kernel"].tolist() == [1, 1]


def test_two_are_kept(tmp_path: Path) -> None:
    save(tmp_path, 5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000004.checkpoint", "00000005.checkpoint"]


@pytest.mark.parametrize("content", [b"", b"PK", b"something else"])
def test_a_damaged_one_is_passed_over(tmp_path: Path, content: bytes) -> None:
    said = save(tmp_path, 2)
    (tmp_path / "00000002.checkpoint").write_bytes(content)
    assert newest_step(tmp_path, said) == 1
    assert "00000002.checkpoint is damaged" in said[0]


def test_half_of_one_is_passed_over(tmp_path: Path) -> None:
    said = save(tmp_path, 2)
    path = tmp_path / "00000002.checkpoint"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert newest_step(tmp_path, said) == 1


def test_where_all_are_damaged_it_begins_anew(tmp_path: Path) -> None:
    said = save(tmp_path, 2)
    for path in tmp_path.iterdir():
        path.write_bytes(b"")
    assert newest_step(tmp_path, said) is None
    assert len(said) == 2


def test_what_a_crash_left_half_written_is_no_checkpoint(tmp_path: Path) -> None:
    said = save(tmp_path, 1)
    (tmp_path / "00000002.checkpoint.new").write_bytes(b"half")
    assert newest_step(tmp_path, said) == 1
    save(tmp_path, 2)
    assert newest_step(tmp_path, said) == 2


def test_those_of_another_run_are_refused(tmp_path: Path) -> None:
    save(tmp_path, 1)
    with pytest.raises(DocumentError, match="another source, stream or parameters"):
        checkpoints(tmp_path, run="two").newest()


def test_a_number_may_be_given_and_the_one_before_is_told(tmp_path: Path) -> None:
    kept = checkpoints(tmp_path)
    assert [kept.save(of(number), number=number) for number in (4, 5, 5, 7)] == [None, 4, 4, 5]


def test_the_file_says_whose_it_is_and_has_every_array_under_its_name(tmp_path: Path) -> None:
    checkpoints(tmp_path).save(Checkpoint(standing=Standing(step=3), learner=WEIGHTS, beside={"kernel": np.ones(2)}))
    arrays = array_file.read(tmp_path / "00000001.checkpoint")
    assert list(arrays) == ["standing", *(f"learner/{name}" for name in WEIGHTS), "best/kernel"]
    assert json.loads(arrays["standing"].tobytes())["run"] == "one"
    assert json.loads(arrays["standing"].tobytes())["standing"]["step"] == 3
