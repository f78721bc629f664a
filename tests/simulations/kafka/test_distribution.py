"""Jars are fetched once, and never used unless they are the locked ones."""

import hashlib
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest

from shared.errors import StorageError
from simulations.kafka import distribution, lock
from simulations.kafka.distribution import classpath, default_cache
from simulations.kafka.errors import DigestError, DownloadError
from simulations.kafka.lock import LockedJar


def jar(name: str, content: bytes) -> LockedJar:
    return LockedJar(sha256=hashlib.sha256(content).hexdigest(), group="org.example", artifact=name, version="1")


JARS = (jar("kafka-clients", b"kafka-clients"), jar("other", b"other"))


class Mirror:
    """Serves each jar's name as its content, or what it is told to."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = contents
        self.served: list[str] = []

    def __call__(self, jars: Iterable[LockedJar], directory: Path) -> Generator[tuple[LockedJar, Path], None, None]:
        for one in jars:
            path = directory / one.file_name
            path.write_bytes(self.contents.get(one.artifact, one.artifact.encode()))
            self.served.append(one.artifact)
            yield one, path


def offline(jars: Iterable[LockedJar], directory: Path) -> Generator[tuple[LockedJar, Path], None, None]:
    raise DownloadError("no network")
    yield


def test_the_first_start_fetches_and_the_second_is_offline(tmp_path: Path) -> None:
    first = classpath(tmp_path, JARS, fetch=Mirror())
    assert classpath(tmp_path, JARS, fetch=offline) == first
    assert [path.read_bytes() for path in first] == [b"kafka-clients", b"other"]


def test_only_what_is_missing_is_fetched(tmp_path: Path) -> None:
    classpath(tmp_path, JARS, fetch=Mirror())[1].unlink()
    mirror = Mirror()
    classpath(tmp_path, JARS, fetch=mirror)
    assert mirror.served == ["other"]


def test_progress_counts_up_to_all_jars(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    classpath(tmp_path, JARS, fetch=Mirror(), on_progress=lambda done, wanted: seen.append((done, wanted)))
    assert seen == [(1, 2), (2, 2)]


def test_a_jar_corrupted_in_the_cache_is_refused(tmp_path: Path) -> None:
    classpath(tmp_path, JARS, fetch=Mirror())[1].write_bytes(b"otter")
    with pytest.raises(DigestError, match=r"other-1\.jar is not org\.example:other:1.*delete the file"):
        classpath(tmp_path, JARS, fetch=offline)


def test_a_jar_corrupted_on_the_way_never_reaches_the_cache(tmp_path: Path) -> None:
    with pytest.raises(DigestError):
        classpath(tmp_path, JARS, fetch=Mirror(other=b"otter"))
    assert [path.name for path in (tmp_path / "1").iterdir()] == ["kafka-clients-1.jar"]


def test_a_download_that_breaks_off_leaves_no_scratch_files(tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        classpath(tmp_path, JARS, fetch=offline)
    assert list((tmp_path / "1").iterdir()) == []


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="XDG_CACHE_HOME"):
        classpath(tmp_path / "file", JARS, fetch=Mirror())


def test_the_cache_is_where_the_desktop_says() -> None:
    assert default_cache({"XDG_CACHE_HOME": "/elsewhere"}) == Path("/elsewhere/fogline/kafka")
    assert default_cache({}) == Path.home() / ".cache/fogline/kafka"


def test_the_real_jars_are_the_locked_ones() -> None:
    from simulations.kafka import maven

    paths = distribution.classpath(default_cache(), lock.load(), fetch=maven.fetch)
    assert len(paths) == len(lock.load())
