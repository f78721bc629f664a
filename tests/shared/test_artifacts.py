import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.artifacts import ArtifactStore
from shared.errors import ArtifactError, BusyError, StorageError

CONTENT = b"the bytes of a sub-model" * 100
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ROOMY = 1 << 20


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts")


def put(store: ArtifactStore, content: bytes = CONTENT) -> Path:
    with store.open_partial(hashlib.sha256(content).hexdigest(), max_bytes=ROOMY) as partial:
        partial.append(content)
        return partial.finish()


def test_what_was_put_is_found_by_its_digest(store: ArtifactStore) -> None:
    assert put(store) == store.path(DIGEST) == store.find(DIGEST)
    assert store.received_bytes(DIGEST) == len(CONTENT)
    assert store.digests() == {DIGEST}


def test_nothing_is_found_before_anything_was_put(store: ArtifactStore) -> None:
    assert store.path(DIGEST) is store.find(DIGEST) is None
    assert store.received_bytes(DIGEST) == 0
    assert store.digests() == frozenset()
    assert not store.root.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(cuts=st.lists(st.integers(0, len(CONTENT)), max_size=6))
def test_any_number_of_broken_transfers_give_the_same_file(store: ArtifactStore, cuts: list[int]) -> None:
    store.remove(DIGEST)
    for end in [*sorted(cuts), len(CONTENT)]:
        with store.open_partial(DIGEST, max_bytes=ROOMY) as partial:
            partial.append(CONTENT[partial.received_bytes : end])
        assert store.received_bytes(DIGEST) == end
        assert store.path(DIGEST) is None
    with store.open_partial(DIGEST, max_bytes=ROOMY) as partial:
        assert partial.finish().read_bytes() == CONTENT


def test_a_wrong_digest_is_refused_and_leaves_nothing(store: ArtifactStore) -> None:
    with store.open_partial(DIGEST, max_bytes=ROOMY) as partial:
        partial.append(b"something else")
        with pytest.raises(ArtifactError, match="refused"):
            partial.finish()
    assert list(store.root.iterdir()) == []


def test_more_bytes_than_allowed_are_refused_and_leave_nothing(store: ArtifactStore) -> None:
    with store.open_partial(DIGEST, max_bytes=10) as partial:
        partial.append(b"0123456789")
        with pytest.raises(ArtifactError, match="larger than 10 bytes"):
            partial.append(b"x")
    assert list(store.root.iterdir()) == []


def test_a_file_damaged_on_disk_is_removed_and_missing(store: ArtifactStore) -> None:
    path = put(store)
    path.write_bytes(CONTENT[:-1] + b"?")
    assert store.path(DIGEST) is None
    assert not path.exists()


def test_a_second_writer_is_told_to_wait(store: ArtifactStore) -> None:
    with store.open_partial(DIGEST, max_bytes=ROOMY), pytest.raises(BusyError, match="try again"):
        store.open_partial(DIGEST, max_bytes=ROOMY)
    store.open_partial(DIGEST, max_bytes=ROOMY).close()


def test_putting_an_artifact_again_changes_nothing(store: ArtifactStore) -> None:
    assert put(store) == put(store)
    assert store.digests() == {DIGEST}


def test_removing_takes_the_notes_beside_it_along(store: ArtifactStore) -> None:
    path = put(store)
    path.with_suffix(".note").touch()
    store.remove(DIGEST)
    store.remove(DIGEST)
    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "/etc/passwd", DIGEST.upper(), DIGEST[:-1], DIGEST + "\n"])
def test_what_is_no_digest_never_becomes_a_path(store: ArtifactStore, name: str) -> None:
    for act in (store.path, store.find, store.received_bytes, store.remove):
        with pytest.raises(ArtifactError, match="no SHA-256 digest"):
            act(name)
    with pytest.raises(ArtifactError, match="no SHA-256 digest"):
        store.open_partial(name, max_bytes=ROOMY)


def test_a_full_disk_is_said_in_one_line(store: ArtifactStore) -> None:
    store.root.mkdir()
    (store.root / f"{DIGEST}.partial").symlink_to("/dev/full")
    with store.open_partial(DIGEST, max_bytes=ROOMY) as partial, pytest.raises(StorageError) as caught:
        partial.append(CONTENT)
    assert "free some space" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_read_only_folder_is_said_in_one_line() -> None:
    with pytest.raises(StorageError, match="/sys/fogline") as caught:
        ArtifactStore(Path("/sys/fogline")).open_partial(DIGEST, max_bytes=ROOMY)
    assert "\n" not in str(caught.value)


def test_a_closed_partial_takes_no_more(store: ArtifactStore) -> None:
    partial = store.open_partial(DIGEST, max_bytes=ROOMY)
    partial.close()
    partial.close()
    with pytest.raises(StorageError, match="closed"):
        partial.append(b"x")


def test_what_was_written_to_before_a_moment_is_told_whole_or_not(store: ArtifactStore) -> None:
    path, begun = put(store), hashlib.sha256(b"begun").hexdigest()
    with store.open_partial(begun, max_bytes=ROOMY) as partial:
        partial.append(b"beg")
    os.utime(path, (1000, 1000))
    assert store.untouched_since(1000) == frozenset()
    assert store.untouched_since(1001) == {DIGEST}
    assert store.untouched_since(path.parent.joinpath(f"{begun}.partial").stat().st_mtime + 1) == {DIGEST, begun}
