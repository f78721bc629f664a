"""Folders of images, and what may lie in them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fogline.datasets import Dataset, open_dataset
from shared.errors import SettingsError

GREY = np.arange(12, dtype="u1").reshape(3, 4)


def save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def labelled(dataset: Dataset) -> tuple[np.ndarray, list[int]]:
    x, y = zip(*dataset.blocks(), strict=True)
    return np.concatenate(x), np.concatenate(y).tolist()


def test_the_name_of_a_folder_is_the_label_of_what_lies_in_it(tmp_path: Path) -> None:
    save(tmp_path / "dog" / "a.PNG", GREY)
    save(tmp_path / "cat" / "b.png", GREY + 1)
    save(tmp_path / "cat" / "indoors" / "c.png", GREY + 2)
    (tmp_path / "cat" / ".DS_Store").write_bytes(b"")
    dataset = open_dataset(tmp_path)
    x, y = labelled(dataset)
    assert (dataset.classes, dataset.total, y) == (("cat", "dog"), 3, [0, 0, 1])
    assert (x == np.stack([GREY + 1, GREY + 2, GREY])[..., None]).all()


def test_one_image_in_colour_makes_all_of_them_red_green_and_blue(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png", GREY)
    save(tmp_path / "b" / "1.jpg", np.zeros((3, 4, 3), "u1"))
    x, _ = labelled(open_dataset(tmp_path))
    assert x.shape == (2, 3, 4, 3)
    assert (x[0] == GREY[..., None]).all()


def test_without_labels_folders_mean_nothing(tmp_path: Path) -> None:
    save(tmp_path / "1.png", GREY)
    dataset = open_dataset(tmp_path, is_labelled=False)
    (block,) = dataset.blocks()
    assert (block.y, dataset.classes) == (None, ())


@pytest.mark.parametrize(
    ("name", "pixels", "said"),
    [
        ("b/1.png", np.zeros((4, 4), "u1"), r"1.png is 4 x 4, .* 4 x 3: give all one size"),
        ("b/1.png", np.zeros((3, 4), "u2"), "more than 8 bits a colour"),
        ("1.png", GREY, "lies in no folder of a class"),
    ],
)
def test_what_is_not_like_the_others_is_named(tmp_path: Path, name: str, pixels: np.ndarray, said: str) -> None:
    save(tmp_path / "a" / "1.png", GREY)
    save(tmp_path / name, pixels)
    with pytest.raises(SettingsError, match=said):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    ("name", "said"),
    [("a/notes.txt", "neither PNG nor JPEG"), ("a/1.png", "cannot be read as PNG"), (None, "no images")],
)
def test_what_is_no_image_is_named(tmp_path: Path, name: str | None, said: str) -> None:
    if name is not None:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(SettingsError, match=said):
        open_dataset(tmp_path)


def test_without_pillow_the_extra_is_named(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['PIL'] = None\n"
        "from fogline import cli\n"
        f"arguments = ['streams', 'send', {str(tmp_path)!r}, '--topic', 't', '--bootstrap-servers', 'localhost:1']\n"
        "sys.exit(cli.run(arguments))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (10, "fogline: folders of images need Pillow: install fogline[images]\n")
