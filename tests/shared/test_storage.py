"""What the disk refuses is one line: where, what the system says, and what to do."""

import errno
import os
from pathlib import Path

import pytest

from shared.errors import DiskFullError, StorageError
from shared.storage import replace_file, require_room, storage_error, storage_errors

STATE = Path("/var/lib/fogline")


@pytest.mark.parametrize(
    ("number", "kind", "remedy"),
    [
        (errno.ENOSPC, DiskFullError, "free some space there"),
        (errno.EDQUOT, DiskFullError, "free some space there"),
        (errno.EFBIG, DiskFullError, "free some space there"),
        (errno.EROFS, StorageError, "mounted read-only"),
        (errno.EACCES, StorageError, "check its owner"),
        (errno.EIO, StorageError, os.strerror(errno.EIO)),
    ],
)
def test_each_refusal_names_the_place_and_the_remedy(number: int, kind: type[StorageError], remedy: str) -> None:
    error = storage_error(STATE, OSError(number, os.strerror(number), "some other file"))
    assert type(error) is kind
    assert str(error).startswith(f"{STATE}: {os.strerror(number)}")
    assert remedy in str(error)
    assert "\n" not in str(error)


def test_the_first_cause_is_kept() -> None:
    cause = OSError(errno.EIO, "it burns")
    with pytest.raises(StorageError, match="it burns") as caught, storage_errors(STATE):
        raise cause
    assert caught.value.__cause__ is cause


def test_what_is_no_refusal_of_the_disk_passes() -> None:
    with pytest.raises(ValueError, match="a mistake"), storage_errors(STATE):
        raise ValueError("a mistake")


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for content in (b"old", b"new"):
        replace_file(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_is_as_it_was_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(b"old")
    path.with_name("state.json.new").symlink_to("/dev/full")
    with pytest.raises(DiskFullError, match=r"state\.json: No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_room_is_asked_for_before_a_folder_is_made(tmp_path: Path) -> None:
    require_room(tmp_path / "not" / "yet", 1)
    with pytest.raises(DiskFullError, match=r"yet: 1099511627776\.0 MiB are wanted and [\d.]+ MiB are free"):
        require_room(tmp_path / "not" / "yet", 2**60)
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_is_on_the_disk_of_where_we_are() -> None:
    require_room(Path("not-yet") / "there", 1)
