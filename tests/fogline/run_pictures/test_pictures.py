"""Pictures of runs: which there are, that they are drawn, and that they say what was judged."""

import re
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from agent.training.results import History
from fogline import run_pictures
from fogline.run_pictures.pictures import pictures
from shared.errors import SettingsError
from tests.fogline import judged

PNG = b"\x89PNG\r\n\x1a\n"
LABELS = tuple(f"class {place}" for place in range(judged.CLASSES))
KINDS = {
    "classification": (judged.classification(), judged.history()),
    "deployed": (judged.classification(deployed=True), judged.history(epochs=60)),
    "many classes": (judged.classification(classes=60), None),
    "values": (judged.regression(), judged.history(accuracy=False)),
    "one value": (judged.regression(outputs=1), None),
    "many values": (judged.regression(outputs=40), None),
    "labels": (judged.multilabel(), judged.history(epochs=1)),
    "many labels": (judged.multilabel(labels=60), None),
    "not judged": (None, judged.history(validation=False)),
}


def size_of(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("classification", ["curves", "reliability", "confusion-edge", "confusion-fog", "confusion-cloud"]),
        ("values", ["curves", "errors"]),
        ("labels", ["curves", "labels"]),
        ("not judged", ["curves"]),
    ],
)
def test_there_are_pictures_of_what_the_task_is_judged_by(kind: str, names: list[str]) -> None:
    assert [one.name for one in pictures(*KINDS[kind])] == names


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_drawn_alone_and_all_of_them_on_one_sheet(tmp_path: Path, kind: str) -> None:
    found, history = KINDS[kind]
    written = run_pictures.draw(found, history, tmp_path / "folder", name="run 1", labels=LABELS)
    assert [path.suffix for path in written] == [".png", ".svg"] * (len(written) // 2)
    (sheet,) = run_pictures.draw(found, history, tmp_path / "all.png", name="run 1", labels=LABELS)
    heights = [size_of(path.read_bytes())[1] for path in written if path.suffix == ".png"]
    assert sheet.read_bytes().startswith(PNG)
    # Nothing is pressed together because it stands beside others.
    assert size_of(sheet.read_bytes())[1] >= sum(heights)
    for svg in (path for path in written if path.suffix == ".svg"):
        assert re.search(r"<svg\b", svg.read_text())


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    found, history = KINDS["classification"]
    (first,) = run_pictures.draw(found, history, tmp_path / "a.svg", name="run 1")
    (again,) = run_pictures.draw(found, history, tmp_path / "b.svg", name="run 1")
    assert first.read_bytes() == again.read_bytes()


def test_ink_covers_a_good_part_of_the_sheet_and_no_edge_of_it(tmp_path: Path) -> None:
    from matplotlib.image import imread

    (file,) = run_pictures.draw(*KINDS["classification"], tmp_path / "all.png", name="run 1", labels=LABELS)
    grey = np.asarray(imread(file))[..., :3].mean(axis=2)
    assert 0.02 < (grey < 0.9).mean() < 0.6
    for edge in (grey[0], grey[-1], grey[:, 0], grey[:, -1]):
        assert (edge > 0.99).all()


@pytest.mark.parametrize("name", ["../edge", "a/b", ".", "exit 1"])
def test_an_exit_may_be_named_as_no_file_may(tmp_path: Path, name: str) -> None:
    found = judged.classification()
    renamed = replace(found, exits=(replace(found.exits[0], exit=name),))
    written = run_pictures.draw(renamed, None, tmp_path / "folder")
    assert {path.resolve().parent for path in written} == {(tmp_path / "folder").resolve()}


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="run 1 has neither curves nor judgements"):
        run_pictures.draw(None, None, tmp_path / "a.png", name="run 1")
    with pytest.raises(SettingsError):
        run_pictures.draw(None, History(exits=("edge",), epochs=(), best=None), tmp_path, name="run 1")


def test_a_file_that_is_no_picture_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SettingsError, match=r"name it \.png or \.svg, or name a folder"):
        run_pictures.require_drawable(tmp_path / "notes.txt")
