"""Half of what was sent never counts, and what counts is what was sent."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save

from agent.federation.weights import UnlikeError
from agent.federation.wire.chunks import ChunkKey, chunk_key, chunks_of
from agent.federation.wire.inbox import Inbox
from agent.federation.wire.manifests import Content
from agent.federation.wire.tensors import from_bytes, to_bytes

SIZE = 7


def content_of(raw: bytes) -> Content:
    return Content(chunks=len([*chunks_of([raw], SIZE)]), size_bytes=len(raw), sha256=sha256(raw).hexdigest())


def delivered(inbox: Inbox, raw: bytes, number: int = 1) -> None:
    for index, chunk in enumerate(chunks_of([raw], SIZE)):
        inbox.take(ChunkKey(number, index), bytes(chunk))


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "north", most_bytes=100)


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 50))
def test_chunks_laid_end_to_end_are_the_whole_and_all_but_the_last_are_full(pieces: list[bytes], size: int) -> None:
    raw, chunks = b"".join(pieces), [*chunks_of(pieces, size)]
    assert b"".join(chunks) == raw
    assert 1 <= len(chunks) == max(1, -(-len(raw) // size))
    assert all(len(one) == size for one in chunks[:-1])


@given(st.integers(0, 10**17), st.integers(0, 10**17))
def test_a_key_is_read_as_it_was_written(number: int, index: int) -> None:
    assert chunk_key(ChunkKey(number, index).to_bytes()) == (number, index)


@given(st.binary(max_size=20) | st.none() | st.sampled_from([b"manifest", b"1/", b"/1", b"-1/2", b"1/2/3", b"9" * 99]))
def test_what_is_no_key_is_seen_to_be_none(raw: bytes | None) -> None:
    found = chunk_key(raw)
    assert found is None or (raw is not None and found == tuple(map(int, raw.split(b"/"))))


@given(st.binary(max_size=100), st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=4))
def test_what_is_sent_again_counts_once(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, cuts: list[tuple[int, int]]
) -> None:
    """A sender that was cut off after so many chunks goes on from one that it is not sure of."""
    inbox = Inbox(tmp_path_factory.mktemp("inbox") / "north", most_bytes=100)
    pieces = [*chunks_of([raw], SIZE)]
    start = sent = 0
    for stop, back in [*cuts, (len(pieces), 0)]:
        for place in range(start, min(stop, len(pieces))):
            inbox.take(ChunkKey(3, place), pieces[place])
            sent = max(sent, place + 1)
        start = max(0, sent - back)
    assert inbox.whole(3, content_of(raw)) == raw


def test_the_next_thing_begins_anew(inbox: Inbox) -> None:
    delivered(inbox, b"x" * 30, number=1)
    delivered(inbox, b"y" * 20, number=2)
    assert inbox.whole(2, content_of(b"y" * 20)) == b"y" * 20
    with pytest.raises(UnlikeError, match="no chunk of 1 came before its manifest"):
        inbox.whole(1, content_of(b"x" * 30))


def test_a_missing_chunk_is_named(inbox: Inbox) -> None:
    inbox.take(ChunkKey(1, 0), b"x" * SIZE)
    inbox.take(ChunkKey(1, 2), b"x" * SIZE)
    with pytest.raises(UnlikeError, match="chunk 1 is missing before chunk 2"):
        inbox.whole(1, content_of(b"x" * 3 * SIZE))


def test_what_is_too_long_takes_no_more_room(inbox: Inbox, tmp_path: Path) -> None:
    delivered(inbox, b"x" * 1000)
    assert (tmp_path / "north").stat().st_size <= 100
    with pytest.raises(UnlikeError, match="more than the 100 bytes"):
        inbox.whole(1, content_of(b"x" * 1000))


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        (content_of(b"x" * 31), "bytes: 30 came, and its manifest says 31"),
        (content_of(b"y" * 30), "digest: "),
        (content_of(b"x" * 36), "chunks: 5 came, and its manifest says 6"),
    ],
)
def test_a_manifest_that_promises_something_else_is_refused(inbox: Inbox, promised: Content, said: str) -> None:
    delivered(inbox, b"x" * 30)
    with pytest.raises(UnlikeError, match=said):
        inbox.whole(1, promised)


def test_what_was_used_is_thrown_away(inbox: Inbox, tmp_path: Path) -> None:
    delivered(inbox, b"x" * 30)
    inbox.clear()
    assert not (tmp_path / "north").exists()
    with pytest.raises(UnlikeError, match="no chunk of 1 came"):
        inbox.whole(1, content_of(b"x" * 30))


def test_tensors_come_back_as_they_were() -> None:
    some: dict[str, NDArray[Any]] = {
        "kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
        "scale:kernel": np.array(0.5, np.float32),
        "at:bias": np.array([1, 4], np.uint32),
        "bias": np.array([-1, 1], np.int8),
        "half": np.array([], np.float16),
    }
    found = from_bytes(to_bytes(some))
    assert {name: (one.dtype, one.tolist()) for name, one in found.items()} == {
        name: (one.dtype, one.tolist()) for name, one in some.items()
    }


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "uint32", "int8", "bool"])
def test_tensors_are_written_as_the_library_writes_them(dtype: str) -> None:
    some = {name: np.asfortranarray(np.arange(12).reshape(3, 4)).astype(dtype) for name in ("b", "a/ü", "c")}
    some["nothing"], some["scalar"] = np.zeros((0, 2), dtype), np.array(1, dtype)
    assert to_bytes(some) == save({name: np.ascontiguousarray(one).reshape(one.shape) for name, one in some.items()})


def test_the_same_tensors_are_the_same_bytes_in_any_order() -> None:
    one, other = np.ones(3, np.float32), np.zeros((2, 2), np.float32)
    assert to_bytes({"a": one, "b": other}) == to_bytes({"b": other, "a": one})


@given(st.binary(max_size=200))
def test_what_are_no_tensors_is_refused(raw: bytes) -> None:
    with pytest.raises(UnlikeError, match="no tensors: "):
        from_bytes(raw)
