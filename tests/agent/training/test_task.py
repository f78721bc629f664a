"""Which runs are the same run, and which are judged by the same records."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from agent.training.reading.shelf import Shelf
from agent.training.reading.shelf_writer import ShelfWriter
from agent.training.task import PullTask, TrainingTask, more_materials, records_name, run_name
from shared.documents import DType, TensorSpec, TrainingParameters, decode, encode
from shared.errors import DocumentError

TASK = TrainingTask(shelf="shelf", source="network.py")
SCALAR = TensorSpec(dtype=DType.UINT8, shape=())


def shelved(folder: Path, labels: list[int], topic: str = "made") -> Shelf:
    with ShelfWriter.open(folder, inputs=SCALAR, labels=SCALAR) as writer:
        rows = np.array(labels, np.uint8)
        writer.append((topic, 0), rows, rows, position=len(rows))
    return Shelf.open(folder)


@pytest.mark.parametrize(
    "other",
    [
        msgspec.structs.replace(TASK, shelf="/elsewhere"),
        msgspec.structs.replace(TASK, progress_every_s=0.0),
        msgspec.structs.replace(TASK, parameters=TrainingParameters(checkpoint_every_s=1.0)),
    ],
)
def test_what_changes_no_result_makes_no_other_run(other: TrainingTask) -> None:
    assert run_name(other, b"source", "records", {}) == run_name(TASK, b"source", "records", {})


def test_what_may_change_the_result_makes_another_run() -> None:
    from_another = msgspec.structs.replace(TASK, start_from="weights.npz")
    names = {
        run_name(msgspec.structs.replace(from_another, pull=PullTask(proximal=0.1)), b"source", "records", {}),
        run_name(msgspec.structs.replace(from_another, pull=PullTask(proximal=0.2)), b"source", "records", {}),
        run_name(TASK, b"source", "records", {}),
        run_name(TASK, b"other", "records", {}),
        run_name(TASK, b"source", "others", {}),
        run_name(msgspec.structs.replace(TASK, parameters=TrainingParameters(seed=1)), b"source", "records", {}),
    }
    assert len(names) == 6


def test_what_it_is_pulled_along_makes_another_run_by_what_is_in_the_file(tmp_path: Path) -> None:
    task = msgspec.structs.replace(TASK, start_from="start.npz", pull=PullTask(along="along.npz"))
    (tmp_path / "start.npz").write_bytes(b"start")
    found = []
    for content in (b"one", b"other", b"one"):
        (tmp_path / "along.npz").write_bytes(content)
        found.append(more_materials(tmp_path, task))
    assert found[0] == found[2] != found[1]


def test_a_pull_is_towards_weights_that_are_named() -> None:
    with pytest.raises(DocumentError, match="`pull` is towards the weights of `start_from`"):
        decode(encode({"shelf": "shelf", "source": "network.py", "pull": {"proximal": 0.1}}), TrainingTask)


def test_runs_that_train_otherwise_are_judged_by_the_same_records(tmp_path: Path) -> None:
    shelf = shelved(tmp_path, [0, 1, 2])
    named = records_name(tmp_path, shelf, TASK)
    trained_otherwise = msgspec.structs.replace(TASK, parameters=TrainingParameters(seed=1), classes=3)
    assert records_name(tmp_path, shelf, trained_otherwise) == named
    assert records_name(tmp_path, shelf, msgspec.structs.replace(TASK, split_seed=1)) != named


@pytest.mark.parametrize(("labels", "topic"), [([0, 1, 1], "made"), ([0, 1, 2], "other"), ([0, 1], "made")])
def test_other_records_have_another_name(tmp_path: Path, labels: list[int], topic: str) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    name = records_name(here, shelved(here, [0, 1, 2]), TASK)
    assert records_name(there, shelved(there, labels, topic), TASK) != name
