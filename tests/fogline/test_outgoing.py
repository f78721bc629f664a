"""Records from files."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fogline.outgoing import BATCH, Outgoing, read_batches
from shared.errors import SettingsError


def all_of(file: Path, **options: str | None) -> list[Outgoing]:
    return [record for batch in read_batches(file, **options) for record in batch]


@given(array=arrays.arrays(st.sampled_from(["u1", "<f4", ">f4", "<i8"]), (5, 2, 3)), fortran=st.booleans())
def test_rows_are_little_endian_in_c_order(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray[Any, Any], fortran: bool
) -> None:
    file = tmp_path_factory.mktemp("rows") / "sample.npz"
    np.savez(file, images=np.asfortranarray(array) if fortran else array)
    expected = array.astype(array.dtype.newbyteorder("<"))
    assert [record.value for record in all_of(file)] == [row.tobytes(order="C") for row in expected]


def test_the_usual_names_are_found_and_others_can_be_given(tmp_path: Path) -> None:
    file = tmp_path / "sample.npz"
    np.savez(file, x=np.zeros((2, 3), "u1"), other=np.ones((1, 3), "u1"), labels=np.array([4, 5]))
    assert [record.value for record in all_of(file)] == [b"\0\0\0"] * 2
    assert [record.value for record in all_of(file, field="other")] == [b"\1\1\1"]
    assert [record.key for record in all_of(file, keys="labels")] == [b"4", b"5"]


def save(file: Path, content: dict[str, Any]) -> Path:
    np.savez(file, **content)
    return file


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        ({"pixels": np.zeros((2, 2))}, {}, "no array 'images' or 'x' or 'records' or 'data', it has pixels"),
        ({"x": np.zeros((2, 2))}, {"field": "y"}, "no array 'y', it has x"),
        ({"x": np.zeros(())}, {}, "has no rows"),
        ({"x": np.array([{}, {}])}, {}, "never unpickled"),
        ({"x": np.zeros((2, 2)), "k": np.zeros(3)}, {"keys": "k"}, "3 keys for 2 rows"),
    ],
)
def test_what_has_no_rows_to_send_is_named(
    tmp_path: Path, content: dict[str, Any], options: dict[str, str], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        all_of(save(tmp_path / "a.npz", content), **options)


@pytest.mark.parametrize("name", ["a.npz", "a.jsonl", "a.csv"])
def test_a_file_that_is_none_of_these_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        all_of(tmp_path / name)
    (tmp_path / name).write_bytes(b"garbage, no zip and no JSON\n")
    with pytest.raises(SettingsError, match=name):
        all_of(tmp_path / name)


def test_each_line_of_json_is_a_record(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"machine": "m1", "x": [1]}\n\n  {"machine": 7, "x": [2]}  \n')
    assert all_of(file, keys="machine") == [
        Outgoing(row=0, value=b'{"machine": "m1", "x": [1]}', key=b"m1"),
        Outgoing(row=1, value=b'{"machine": 7, "x": [2]}', key=b"7"),
    ]


def test_a_line_that_is_not_json_or_lacks_its_key_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"x": 1}\n{"x"\n')
    with pytest.raises(SettingsError, match=r"a\.jsonl, record 2 is not JSON as it was expected"):
        all_of(file)
    with pytest.raises(SettingsError, match=r"a\.jsonl, record 1 has no member 'machine', it has x"):
        all_of(file, keys="machine")


def test_one_member_can_be_sent_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"label": "bearing", "record": {"x":  [1.50]}}\n')
    assert all_of(file, field="record", keys="label") == [Outgoing(row=0, value=b'{"x":  [1.50]}', key=b"bearing")]


def test_a_long_file_comes_in_batches(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(number) + "\n" for number in range(BATCH + 1)))
    batches = list(read_batches(file))
    assert [len(batch) for batch in batches] == [BATCH, 1]
    assert [record.row for batch in batches for record in batch] == list(range(BATCH + 1))


def test_stdin_gives_what_has_come_so_far(tmp_path: Path) -> None:
    """Lines that are cut by a pipe are put together again, and the last needs no newline."""
    read, write = os.pipe()
    before = os.dup(0)
    os.dup2(read, 0)
    try:
        batches = read_batches(Path("-"))
        os.write(write, b'{"a": 1}\n{"a"')
        assert [record.value for record in next(batches)] == [b'{"a": 1}']
        os.write(write, b": 2}")
        os.close(write)
        assert [record.value for record in next(batches)] == [b'{"a": 2}']
        assert next(batches, None) is None
    finally:
        os.dup2(before, 0)
        os.close(before)
        os.close(read)
