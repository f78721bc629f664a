import zipfile
from pathlib import Path

import pytest

from agent.backends import archive
from shared.errors import ModelError


def written(path: Path, names: list[str], *, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as opened:
        for name in names:
            opened.writestr(name, b"content" * 10)
    return path


def test_a_plain_archive_is_read(tmp_path: Path) -> None:
    with archive.opened(written(tmp_path / "plain", ["model/a", "model/b"])) as opened:
        assert opened.read("model/a") == b"content" * 10


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside", "model/../../outside", "model\\..\\outside"])
def test_a_name_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="leaves it"), archive.opened(written(tmp_path / "tricky", [name])):
        pass


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="2 entries under 1"), archive.opened(written(tmp_path / "twice", ["a", "a"])):
        pass


def test_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", bytes(50_000_000))
    assert (tmp_path / "bomb").stat().st_size < 100_000
    with pytest.raises(ModelError, match="compressed"), archive.opened(tmp_path / "bomb"):
        pass


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """Both directory entries point at one content, so the archive would grow when it is read."""
    path = written(tmp_path / "shared", ["a", "b"])
    with zipfile.ZipFile(path, "a") as opened:
        for entry in [opened.infolist()[0]] * 20:
            twin = zipfile.ZipInfo(f"twin{len(opened.filelist)}")
            twin.header_offset, twin.file_size, twin.compress_size = entry.header_offset, 70, 70
            twin.CRC = entry.CRC
            opened.filelist.append(twin)
            opened.NameToInfo[twin.filename] = twin
        opened.writestr("last", b"")
    with pytest.raises(ModelError, match=r"holds|no intact"), archive.opened(path) as again:
        again.read("twin2")


@pytest.mark.parametrize("content", [b"", b"PK\3\4 but nothing behind it", b"\0" * 1000])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "none").write_bytes(content)
    with pytest.raises(ModelError, match="no intact archive"), archive.opened(tmp_path / "none"):
        pass


def test_a_damaged_entry_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "damaged", ["a"])
    path.write_bytes(path.read_bytes().replace(b"contentcontent", b"contentCONTENT", 1))
    with pytest.raises(ModelError, match="no intact archive"), archive.opened(path) as opened:
        opened.read("a")
