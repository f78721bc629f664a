"""Outputs of exits are read as they are, or refused with file, array and row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fogline.exit_outputs import read
from shared.errors import SettingsError
from tests.fogline.exits_of_a_chain import outputs, saved

Arrays = dict[str, NDArray[Any]]


def changed(name: str, change: Callable[[NDArray[Any]], object]) -> Callable[[Arrays], Arrays]:
    def apply(arrays: Arrays) -> Arrays:
        altered = arrays[name].copy()
        result = change(altered)
        return {**arrays, name: altered if result is None else np.asarray(result)}

    return apply


def put(row: int, value: float) -> Callable[[NDArray[Any]], None]:
    def apply(array: NDArray[Any]) -> None:
        array[row] = value

    return apply


def renamed(old: str, new: str) -> Callable[[Arrays], Arrays]:
    return lambda arrays: {new if name == old else name: array for name, array in arrays.items()}


def test_exits_stand_in_the_order_of_the_file_and_labels_anywhere(tmp_path: Path) -> None:
    arrays = outputs()
    shuffled = {name: arrays[name] for name in ("cloud", "labels", "edge", "fog")}
    found = read(saved(tmp_path / "a.npz", shuffled))
    assert found.tiers == ("cloud", "edge", "fog")
    assert np.array_equal(found.labels, arrays["labels"])
    assert all(np.array_equal(found.probabilities[tier], arrays[tier]) for tier in found.tiers)


def test_exits_of_eight_bits_need_not_sum_to_one(tmp_path: Path) -> None:
    arrays = outputs()
    rounded = {name: np.round(array * 256) / 256 for name, array in arrays.items() if name != "labels"}
    assert read(saved(tmp_path / "a.npz", {"labels": arrays["labels"], **rounded})).tiers == ("edge", "fog", "cloud")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (renamed("labels", "truth"), "has no array 'labels', it has truth, edge, fog, cloud"),
        (
            lambda arrays: {"labels": arrays["labels"], "edge": arrays["edge"]},
            "exits of two tiers or more are needed, there is edge",
        ),
        (renamed("fog", "arr_0"), "arr_0: an exit's array is called as its tier"),
        (changed("edge", lambda array: array[:-1]), "edge: 1499 records where there are 1500 labels"),
        (changed("fog", lambda array: array[:, 0]), "fog: shape [1500] where [records, classes]"),
        (changed("fog", lambda array: array[:, :1]), "fog: shape [1500, 1] where [records, classes]"),
        (changed("fog", lambda array: array[:, :, None]), "fog: shape [1500, 5, 1] where [records, classes]"),
        (changed("fog", put(17, np.nan)), "fog[17]: holds NaN or an infinity"),
        (changed("cloud", put(3, np.inf)), "cloud[3]: holds NaN or an infinity"),
        (changed("edge", lambda array: array * 9 - 2), "edge[0]: a probability is not between 0 and 1"),
        (changed("edge", lambda array: array / 2), "edge[0]: the sum is 0.5, not 1"),
        (changed("edge", lambda array: array.astype(str)), "edge: not an array of numbers"),
        (changed("edge", lambda array: array.astype(object)), "'edge' holds Python objects, which are never unpickled"),
        (changed("labels", put(4, 5)), "labels[4]: no class: those are 0 to 4"),
        (changed("labels", put(4, -1)), "labels[4]: no class: those are 0 to 4"),
        (
            changed("labels", lambda array: np.eye(5)[array.astype(int)]),
            "labels: not one whole number a record: float64 of shape",
        ),
        (changed("labels", lambda array: array.astype(float)), "labels: not one whole number a record: float64"),
        (changed("labels", lambda array: array[0]), "'labels' is a single number"),
        (
            changed("cloud", lambda array: np.hstack([array, np.zeros((1500, 1))])),
            "different numbers of classes: edge 5, fog 5, cloud 6",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    tmp_path: Path, change: Callable[[Arrays], Arrays], said: str
) -> None:
    file = saved(tmp_path / "a.npz", change(outputs()))
    with pytest.raises(SettingsError) as caught:
        read(file)
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)


def test_a_row_far_down_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    long = {name: np.concatenate([array] * 4) for name, array in outputs().items()}
    long["fog"][5999] = np.nan
    with pytest.raises(SettingsError, match=r"fog\[5999\]: holds NaN"):
        read(saved(tmp_path / "a.npz", long))


def test_a_file_that_is_no_npz_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "single.npy", np.zeros(3))
    (tmp_path / "empty.npz").touch()
    (tmp_path / "text.npz").write_text("labels")
    whole = saved(tmp_path / "whole.npz", outputs()).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "flipped.npz").write_bytes(whole[:30_000] + bytes(64) + whole[30_064:])
    for name in ("single.npy", "empty.npz", "text.npz", "cut.npz", "flipped.npz", "nowhere.npz"):
        with pytest.raises(SettingsError, match=name) as caught:
            read(tmp_path / name)
        assert "pickle" not in str(caught.value)
