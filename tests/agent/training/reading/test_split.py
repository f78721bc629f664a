"""Parts of a labelled stream: every record in one, every class in its shares, drawn by the seed and by nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.training.reading.rates import PARTS, Part, apportion
from agent.training.reading.split import Split, split
from agent.training.reading.strata import Draw, strata_of
from shared.documents import Rates
from shared.errors import DocumentError, StorageError
from tests.agent.training.reading.streams import shelved

ALL = slice(None)


def divided(
    labels: NDArray[Any], folder: Path, *, classes: int | None = 3, seed: int = 1, rates: Rates | None = None
) -> Split:
    return split(labels, folder, classes=classes, rates=rates or Rates(), seed=seed)


def rows_of(found: Split) -> list[list[int]]:
    return [found.rows[part][ALL].tolist() for part in PARTS]


@given(labels=st.lists(st.integers(0, 2), max_size=200), seed=st.integers(0, 2**32))
@settings(max_examples=50)
def test_every_row_is_in_one_part_and_every_class_in_its_shares(
    tmp_path_factory: pytest.TempPathFactory, labels: list[int], seed: int
) -> None:
    array = np.array(labels, np.uint8)
    found = divided(array, tmp_path_factory.mktemp("split"), seed=seed)
    rows = rows_of(found)
    assert sorted(row for part in rows for row in part) == list(range(len(labels)))
    assert all(part == sorted(part) for part in rows)
    by_class = np.bincount(array, minlength=3)
    assert found.counts.tolist() == apportion(by_class, Rates()).tolist()
    assert [[sum(labels[row] == one for row in part) for part in rows] for one in range(3)] == found.counts.tolist()


def test_the_same_shelf_is_split_the_same_way_and_another_seed_another_way(tmp_path: Path) -> None:
    labels = shelved(tmp_path / "shelf", 1000).labels
    first, again, other = (
        rows_of(split(labels, tmp_path / name, classes=251, rates=Rates(), seed=seed))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again != other


def test_a_split_made_again_in_its_folder_leaves_a_reader_of_the_old_one_alone(tmp_path: Path) -> None:
    labels = np.arange(3000) % 3
    found = divided(labels, tmp_path)
    before = rows_of(found)
    assert rows_of(divided(labels[:30], tmp_path)) != before
    assert rows_of(found) == before


@given(data=st.data(), seed=st.integers(0, 2**32))
def test_it_does_not_matter_in_which_blocks_the_labels_are_read(data: st.DataObject, seed: int) -> None:
    strata = np.array(data.draw(st.lists(st.integers(0, 3), max_size=80)), np.intp)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(strata)), max_size=5)))
    sizes = apportion(np.bincount(strata, minlength=4), Rates())
    draw = Draw(sizes, seed)
    blocks = [draw.parts(block) for block in np.split(strata, cuts)]
    assert np.concatenate(blocks).tolist() == Draw(sizes, seed).parts(strata).tolist()


def test_a_part_is_drawn_from_all_of_a_class(tmp_path: Path) -> None:
    # Half of 1,000 records drawn from 10,000 lie in the front half of those, with a standard deviation of 15.
    tested = divided(np.zeros(10_000, np.int64), tmp_path).rows[Part.TEST][ALL]
    assert abs((tested < 5000).sum() - 500) < 75


def test_more_rows_than_a_block_are_split_alike(tmp_path: Path) -> None:
    labels = np.arange(300_000) % 3
    found = divided(labels, tmp_path)
    assert found.counts.tolist() == [[80_000, 10_000, 10_000]] * 3
    assert np.bincount(labels[found.rows[Part.TEST][ALL]]).tolist() == [10_000] * 3
    assert sum(map(len, found.rows.values())) == 300_000


def test_without_classes_all_records_are_one_stratum(tmp_path: Path) -> None:
    found = divided(np.linspace(-1, 1, 2000).reshape(-1, 2), tmp_path, classes=None)
    assert found.counts.tolist() == [[800, 100, 100]]
    assert found.absences == ()


def test_who_is_absent_where_is_said_with_the_counts(tmp_path: Path) -> None:
    found = divided(np.array([0] * 10 + [1] * 2), tmp_path)
    assert [str(absence) for absence in found.absences] == [
        "class 1 has too few records to have one for validation and test: training 2, validation 0, test 0",
        "class 2 has no record at all",
    ]
    assert found.absences[0].parts == (Part.VALIDATION, Part.TEST)


def test_who_has_no_share_is_not_absent(tmp_path: Path) -> None:
    found = divided(np.zeros(5, np.int64), tmp_path, classes=1, rates=Rates(validation=0.5, test=0.0))
    assert found.absences == ()
    assert len(found.rows[Part.TEST]) == 0


def test_a_short_stream_without_classes_is_said_to_be_short(tmp_path: Path) -> None:
    (absence,) = divided(np.zeros(1), tmp_path, classes=None).absences
    assert str(absence) == (
        "the stream has too few records to have one for validation and test: training 1, validation 0, test 0"
    )


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 2, 3, 4]), "labels: label 3 of row 2: the classes are 0 to 2"),
        (np.array([0, -1]), "label -1 of row 1"),
        (np.array([0, 1.5]), "label 1.5 of row 1"),
        (np.array([np.nan]), "label nan of row 0"),
        (np.array([np.inf]), "label inf of row 0"),
        (np.array([0] * 200_000 + [255], np.uint8), "label 255 of row 200000"),
        (np.zeros((4, 2)), r"labels: of shape \[2\]: a class is one number"),
    ],
)
def test_a_label_that_is_no_class_is_refused_with_its_row(tmp_path: Path, labels: NDArray[Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        divided(labels, tmp_path)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int8, np.int64, np.float16, np.float64])
@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_a_class_is_a_whole_number_of_whatever_type(dtype: type[np.generic], shape: tuple[int, ...]) -> None:
    assert strata_of(np.array([0, 1, 1, 0], dtype).reshape(shape), 1000, 0).tolist() == [0, 1, 1, 0]


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file/split"):
        divided(np.zeros(3, np.int64), tmp_path / "file" / "split")
