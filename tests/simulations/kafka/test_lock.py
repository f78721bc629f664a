"""The committed lock, and its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.kafka import lock
from simulations.kafka.lock import LockedJar

names = st.from_regex(r"[a-z0-9._-]+", fullmatch=True)
jars = st.builds(
    LockedJar, sha256=st.binary(min_size=32, max_size=32).map(bytes.hex), group=names, artifact=names, version=names
)


def test_the_lock_holds_a_broker_and_a_logger() -> None:
    artifacts = {jar.artifact for jar in lock.load()}
    assert {"kafka_2.13", "kafka-clients", "kafka-server", "slf4j-simple"} <= artifacts


def test_all_of_kafka_is_of_one_version() -> None:
    versions = {jar.version for jar in lock.load() if jar.group == "org.apache.kafka"}
    assert versions == {lock.kafka_version(lock.load())}


def test_no_two_jars_share_a_file_name() -> None:
    files = [jar.file_name for jar in lock.load()]
    assert len(files) == len(set(files))


def test_the_committed_lock_is_in_the_form_that_is_written() -> None:
    assert lock.render(lock.load()) == lock.LOCK_FILE.read_text()


@given(st.lists(jars, unique_by=lambda jar: jar.coordinate).map(tuple))
def test_what_is_written_is_read_back(some: tuple[LockedJar, ...]) -> None:
    assert set(lock.parse(lock.render(some))) == set(some)


@pytest.mark.parametrize("line", ["abc  g:a:1", "00  g:a:1", f"{'0' * 64}  g:a", f"{'0' * 64}"])
def test_a_line_that_is_no_digest_and_coordinate_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        lock.parse(line)
