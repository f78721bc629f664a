import gzip
from pathlib import Path

import numpy as np
import pytest

from examples.fashion_mnist import data
from shared.errors import SettingsError
from tests.examples.idx import write_idx


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOGLINE_DATA", str(tmp_path))
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28))
    write_idx(tmp_path / "t10k-labels-idx1-ubyte.gz", np.array([3, 9], np.uint8))
    return tmp_path


def test_the_folder_of_the_user_is_looked_in_first(folder: Path) -> None:
    split = data.load(data.Part.TEST)
    assert split.images.shape == (2, 28, 28, 1)
    assert split.images.dtype == np.uint8
    assert split.labels.tolist() == [3, 9]


@pytest.mark.parametrize(
    "raw",
    [b"", b"not gzip", gzip.compress(b"\0\0\x0d\x03"), gzip.compress(b"\0\0\x08\x03\0\0\0\7")],
    ids=["empty", "no gzip", "another type", "cut short"],
)
def test_a_damaged_file_is_named(folder: Path, raw: bytes) -> None:
    images = folder / "t10k-images-idx3-ubyte.gz"
    images.write_bytes(raw)
    with pytest.raises(SettingsError, match=str(images)):
        data.load(data.Part.TEST)


def test_when_none_has_it_all_three_places_are_named(folder: Path) -> None:
    said = str(data.not_found(OSError("no network")))
    assert all(place in said for place in (str(folder), str(data.DEBIAN_FOLDER), "keras.datasets", "no network"))
