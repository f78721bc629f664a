"""What a killed owner leaves behind goes with the next start; what has an owner stays."""

import os
import shutil
import time
from pathlib import Path

from simulations.kafka.scratch import PREFIX, YOUNG_S, scratch_directory


def make_old(path: Path) -> Path:
    long_ago = time.time() - 2 * YOUNG_S
    os.utime(path, (long_ago, long_ago))
    return path


def test_a_directory_goes_with_its_block(tmp_path: Path) -> None:
    with scratch_directory(tmp_path) as path:
        (path / "file").touch()
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_held_stays(tmp_path: Path) -> None:
    with scratch_directory(tmp_path) as held, scratch_directory(tmp_path):
        make_old(held)
        with scratch_directory(tmp_path):
            assert held.exists()


def test_one_without_an_owner_goes(tmp_path: Path) -> None:
    orphan = tmp_path / f"{PREFIX}orphan"
    orphan.mkdir()
    (orphan / "file").touch()
    make_old(orphan)
    with scratch_directory(tmp_path):
        assert not orphan.exists()


def test_a_young_one_may_not_be_held_yet(tmp_path: Path) -> None:
    young = tmp_path / f"{PREFIX}young"
    young.mkdir()
    with scratch_directory(tmp_path):
        assert young.exists()
    shutil.rmtree(young)
