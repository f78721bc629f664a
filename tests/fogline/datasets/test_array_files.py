"""Arrays of data and labels in one .npz."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fogline.datasets import open_dataset
from shared.errors import SettingsError


def saved(folder: Path, **arrays: Any) -> Path:  # noqa: ANN401 - whatever numpy saves
    np.savez(folder / "data.npz", **arrays)
    return folder / "data.npz"


@pytest.mark.parametrize(("data", "labels"), [("x", "y"), ("images", "labels"), ("data", "labels")])
def test_data_and_labels_keep_type_and_shape(tmp_path: Path, data: str, labels: str) -> None:
    x, y = np.arange(1200, dtype="u1").reshape(300, 4), np.arange(300, dtype="i2")
    dataset = open_dataset(saved(tmp_path, **{data: x, labels: y}))
    blocks = list(dataset.blocks())
    assert [len(block.x) for block in blocks] == [256, 44]
    assert (np.concatenate([block.x for block in blocks]) == x).all()
    assert np.concatenate([block.y for block in blocks if block.y is not None]).dtype == y.dtype
    assert dataset.total == 300


def test_labels_of_text_become_classes(tmp_path: Path) -> None:
    dataset = open_dataset(saved(tmp_path, x=np.zeros((3, 1)), y=np.array(["dog", "cat", "dog"])))
    (block,) = dataset.blocks()
    assert block.y is not None
    assert (dataset.classes, block.y.tolist()) == (("cat", "dog"), [1, 0, 1])


def test_without_labels_none_are_looked_for(tmp_path: Path) -> None:
    (block,) = open_dataset(saved(tmp_path, x=np.zeros((3, 1))), is_labelled=False).blocks()
    assert block.y is None


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": np.zeros((3, 1))}, "has no array 'y' or 'labels', it has x"),
        ({"x_train": np.zeros(3)}, "has no array 'x' or 'images' or 'data'"),
        ({"x": np.zeros((3, 1)), "y": np.zeros(2)}, "2 labels for 3 rows"),
        ({"x": np.array([object()]), "y": np.zeros(1)}, "never unpickled"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path: Path, arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        open_dataset(saved(tmp_path, **arrays))


@pytest.mark.parametrize(("name", "said"), [("data.parquet", "is neither"), ("data.npz", "cannot be read")])
def test_other_files_are_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(SettingsError, match=said):
        open_dataset(tmp_path / name)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not there"):
        open_dataset(tmp_path / "nothing")
