"""Tables of numbers, and every way in which one is none."""

from pathlib import Path

import numpy as np
import pytest

from fogline.datasets import Block, Dataset, open_dataset
from shared.errors import SettingsError


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def whole(dataset: Dataset) -> Block:
    x, y = zip(*dataset.blocks(), strict=True)
    assert sum(map(len, x)) == dataset.total
    return Block(np.concatenate(x), None if y[0] is None else np.concatenate(y))


def test_columns_are_data_but_for_the_label_wherever_it_stands(csv: Path) -> None:
    csv.write_text("\ufeffheat, label,speed\n1.5,7,2\n\n-3e1, 8,4\n")
    x, y = whole(open_dataset(csv))
    assert (x.dtype.name, x.tolist()) == ("float32", [[1.5, 2], [-30, 4]])
    assert y is not None
    assert (y.dtype.name, y.tolist()) == ("int64", [7, 8])


def test_labels_of_text_are_numbered_in_sorted_order_over_all_blocks(csv: Path) -> None:
    names = ["setosa", "virginica", "", "versicolor"]
    rows = [f"{number},{names[number % 2 * 3 or number % 4 % 2]}" for number in range(600)]
    csv.write_text("\n".join(["width,species", *rows]))
    dataset = open_dataset(csv, label_column="species")
    assert dataset.classes == ("setosa", "versicolor")
    _, y = whole(dataset)
    assert y is not None
    assert y.tolist() == [number % 2 for number in range(600)]


def test_labels_that_are_not_whole_are_for_regression(csv: Path) -> None:
    csv.write_text("a,label\n1,2\n1,2.5\n")
    _, y = whole(open_dataset(csv))
    assert y is not None
    assert (y.dtype.name, y.tolist()) == ("float32", [2, 2.5])


@pytest.mark.parametrize(("column", "shape"), [("label", (1, 1)), ("a", (1, 1)), ("none", (1, 2))])
def test_without_labels_a_column_of_them_is_left_out(csv: Path, column: str, shape: tuple[int, ...]) -> None:
    csv.write_text("a,label\n1,2\n")
    x, y = whole(open_dataset(csv, label_column=column, is_labelled=False))
    assert (x.shape, y) == (shape, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "has no column 'label': name the one that holds the label with --label-column, one of a, b"),
        ("a,label\n1,2\n1\n", "line 3: 1 cells under 2 names"),
        ("a,label\n1,2\n1,\n", "line 3: the label '' is no number as those before are"),
        ("a,label\n1,2\n1,cat\n", "line 3: the label 'cat' is no number as those before are"),
        ("a,label\n1,cat\n1,2\n", "line 3: the label 2 is a number, those before are text"),
        ("a,a\n1,2\n", "no two alike"),
        ("", "must name each column"),
        ("label\n1\n", "no column of data beside 'label'"),
        ("a,label\n\xff\x00,1\n", "is no CSV in UTF-8"),
    ],
)
def test_what_is_no_such_table_is_said_before_anything_is_sent(csv: Path, text: str, said: str) -> None:
    csv.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=said):
        open_dataset(csv)


@pytest.mark.parametrize("cell", ["", "cat", "nan", "1e99", "inf"])
def test_a_cell_that_is_no_number_is_named_by_line_and_column(csv: Path, cell: str) -> None:
    csv.write_text(f"a,b,label\n1,2,0\n1,{cell},0\n")
    with pytest.raises(SettingsError, match=f"line 3, column 'b': '{cell}' is no number"):
        whole(open_dataset(csv))


def test_names_are_no_classes(csv: Path) -> None:
    csv.write_text("\n".join(["a,label", *(f"1,person {number}" for number in range(10_001))]))
    with pytest.raises(SettingsError, match="more than 10000 different texts are no classes"):
        open_dataset(csv)


def test_a_label_that_was_not_there_before_is_not_taken_for_another(csv: Path) -> None:
    csv.write_text("a,label\n1,cat\n1,dog\n")
    dataset = open_dataset(csv)
    csv.write_text("a,label\n1,cat\n1,cow\n")
    with pytest.raises(SettingsError, match="was changed while it was read"):
        whole(dataset)
