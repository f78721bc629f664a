"""Labels beside records."""

from pathlib import Path

import numpy as np
import pytest

from fogline.labels_of_records import read_labels
from shared.errors import SettingsError


def test_labels_stand_in_an_array_or_in_a_member(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 3)), labels=np.array([3, 1], "u1"), names=np.array(["a", "b"]))
    (tmp_path / "a.jsonl").write_text('{"label": "bearing"}\n\n{"label": 4}\n')
    assert read_labels(tmp_path / "a.npz") == [3, 1]
    assert read_labels(tmp_path / "a.npz", field="names") == ["a", "b"]
    assert read_labels(tmp_path / "a.jsonl") == ["bearing", 4]


def test_what_is_no_label_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 3)), labels=np.zeros((2, 3)))
    with pytest.raises(SettingsError, match="is no label"):
        read_labels(tmp_path / "a.npz")
    (tmp_path / "a.jsonl").write_text('{"label": "a"}\n{"label": null}\n')
    with pytest.raises(SettingsError, match=r"a\.jsonl, record 2: None is no label"):
        read_labels(tmp_path / "a.jsonl")
    with pytest.raises(SettingsError, match="record 1 has no member 'class'"):
        read_labels(tmp_path / "a.jsonl", field="class")
